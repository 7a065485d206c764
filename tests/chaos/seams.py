"""Seams: the named places between two steps of a process, where the chaos run strikes; installed by the child alone."""

from __future__ import annotations

import fcntl
import mmap
import os
import sqlite3
import struct
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import httpx

from taskferry.transport import Wire

KINDS = ("ledger", "network", "file")
_COUNTS = struct.Struct("<3I")
_NAME = 100
_FILE_STEPS = (
    (os, "open"), (os, "fsync"), (os, "link"), (os, "replace"), (os, "rename"), (os, "unlink"), (os, "mkdir"),
    (fcntl, "flock"),
)  # fmt: skip


class Board:
    """What a child passed, readable by its parent after its death."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _COUNTS.size + _NAME)

    def clear(self) -> None:
        """Begin anew, for another child."""
        self._memory[:] = bytes(len(self._memory))

    def pass_by(self, kind: str, name: str) -> int:
        """Count a seam; give how many of its kind were passed."""
        counts = list(_COUNTS.unpack_from(self._memory))
        place = KINDS.index(kind)
        counts[place] += 1
        _COUNTS.pack_into(self._memory, 0, *counts)
        self._memory[_COUNTS.size :] = name.encode()[:_NAME].ljust(_NAME, b"\0")
        return counts[place]

    def counts(self) -> dict[str, int]:
        """Give how many seams of each kind were passed."""
        return dict(zip(KINDS, _COUNTS.unpack_from(self._memory), strict=True))

    @property
    def last(self) -> str:
        """Name the last seam that was passed."""
        return self._memory[_COUNTS.size :].rstrip(b"\0").decode(errors="replace")


class Seams:
    """Counts the seams that this process passes, and strikes at the chosen one."""

    def __init__(
        self, board: Board, strike: Callable[[], None], *, kind: str | None = None, number: int = 0, name: str = ""
    ) -> None:
        """Choose a seam by its number among those of its kind, or the first of a name."""
        self._board = board
        self._chosen = (kind, number)
        self._name = name
        self._strike = strike
        self.after_statement: Callable[[sqlite3.Connection, str], None] | None = None
        """Hears of every statement that SQLite has run, before its seam."""

    def passed(self, kind: str, name: str) -> None:
        """Pass a seam."""
        if (kind, self._board.pass_by(kind, name)) == self._chosen or name == self._name:
            self._name = ""
            self._strike()

    def install(self) -> None:
        """Put seams around every statement, every event of a connection, and every step of a file."""
        sqlite3.connect = partial(_connect, sqlite3.connect, self)
        httpx.AsyncHTTPTransport.handle_async_request = _traced(httpx.AsyncHTTPTransport.handle_async_request, self)
        Wire.look = _looked(Wire.look, self)  # looks may go another way, which tells no events
        for module, name in _FILE_STEPS:
            setattr(module, name, partial(_step, getattr(module, name), self, name))


class _Cursor(sqlite3.Cursor):
    connection: _Connection

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        return self._between(sql, super().execute, sql, *parameters)

    def executemany(self, sql: str, parameters: Any) -> sqlite3.Cursor:
        return self._between(sql, super().executemany, sql, parameters)

    def _between(self, sql: str, run: Callable[..., sqlite3.Cursor], *arguments: Any) -> sqlite3.Cursor:
        seams, name = self.connection.seams, " ".join(sql.split()[:3])
        seams.passed("ledger", f"before {name}")
        result = run(*arguments)
        if seams.after_statement is not None:
            seams.after_statement(self.connection, sql)
        seams.passed("ledger", f"after {name}")
        return result


class _Connection(sqlite3.Connection):
    seams: Seams

    def cursor(self, factory: type[sqlite3.Cursor] = _Cursor) -> sqlite3.Cursor:
        return super().cursor(factory)

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        return self.cursor().execute(sql, *parameters)

    def executemany(self, sql: str, parameters: Any) -> sqlite3.Cursor:
        return self.cursor().executemany(sql, parameters)

    def commit(self) -> None:
        if self.in_transaction:
            self.execute("COMMIT")

    def close(self) -> None:
        self.seams.passed("ledger", "before close")
        super().close()
        self.seams.passed("ledger", "after close")


def _connect(original: Callable[..., Any], seams: Seams, *arguments: Any, **settings: Any) -> sqlite3.Connection:
    connection: _Connection = original(*arguments, **{"factory": _Connection, **settings})
    connection.seams = seams
    return connection


class _Chunks(httpx.AsyncByteStream):
    """A reply's body with a seam before and after every chunk."""

    def __init__(self, stream: httpx.AsyncByteStream, seams: Seams) -> None:
        self._stream = stream
        self._seams = seams

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._seams.passed("network", "a chunk came")
            yield chunk
            self._seams.passed("network", "a chunk was taken")

    async def aclose(self) -> None:
        await self._stream.aclose()


def _traced(original: Callable[..., Any], seams: Seams) -> Callable[..., Any]:
    async def trace(name: str, _details: Any) -> None:
        seams.passed("network", name)

    async def handle(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        request.extensions = {**request.extensions, "trace": trace}
        response: httpx.Response = await original(transport, request)
        response.stream = _Chunks(response.stream, seams)  # type: ignore[arg-type]  # an async transport's stream is one
        return response

    return handle


def _looked(original: Callable[..., Any], seams: Seams) -> Callable[..., Any]:
    async def look(*arguments: Any, **settings: Any) -> Any:
        seams.passed("network", "before a look")
        reply = await original(*arguments, **settings)
        seams.passed("network", "after a look")
        return reply

    return look


def _step(original: Callable[..., Any], seams: Seams, name: str, *arguments: Any, **settings: Any) -> Any:
    seams.passed("file", f"before {name}")
    result = original(*arguments, **settings)
    seams.passed("file", f"after {name}")
    return result
