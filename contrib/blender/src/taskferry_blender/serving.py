"""Hands one file to Blender: the add-on takes nothing but a URL, so the file gets a secret one for a moment."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

log = logging.getLogger("taskferry")

_REQUEST_WITHIN = 10.0
"""Seconds that whoever connects has to say what it wants."""
_SETTLED_WITHIN = 1.0


class ServedFile:
    """One file at one address."""

    def __init__(self, path: Path, host: str) -> None:
        self._path = path
        self._host = f"[{host}]" if ":" in host else host
        self._target = f"/{secrets.token_urlsafe(24)}/{path.name}"
        self._port = 0
        self._answers: set[asyncio.Task[None]] = set()
        self.fetched = 0
        """How many times it was fetched whole."""

    @property
    def url(self) -> str:
        """Give the address; nobody can guess it."""
        return f"http://{self._host}:{self._port}{self._target}"

    async def open(self) -> asyncio.Server:
        """Begin to listen, on a port of the system's choice."""
        server = await asyncio.start_server(self._connected, self._host.strip("[]"), 0)
        self._port = server.sockets[0].getsockname()[1]
        return server

    async def was_fetched(self) -> bool:
        """Tell whether anybody fetched it whole; an answer may come before our side of the fetch has ended."""
        if self._answers:
            await asyncio.wait(self._answers, timeout=_SETTLED_WITHIN)
        return self.fetched > 0

    async def close(self) -> None:
        """Break off what is still being sent."""
        for answer in self._answers:
            answer.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = asyncio.create_task(self._answer(reader, writer))
        self._answers.add(answer)
        answer.add_done_callback(self._answers.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_WITHIN):
                request = await reader.readuntil(b"\r\n\r\n")
            line = request.split(b"\r\n", 1)[0].decode("ascii", "replace")
            if secrets.compare_digest(line.encode(), f"GET {self._target} HTTP/1.1".encode()):
                await self._send(writer)
            else:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError) as error:  # a timeout is an OSError
            log.debug("a fetch of the model broke off: %r", error)
        finally:
            writer.close()

    async def _send(self, writer: asyncio.StreamWriter) -> None:
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: model/gltf-binary\r\nContent-Length: {self._path.stat().st_size}\r\n"
            "Connection: close\r\n\r\n"
        )
        writer.write(head.encode())
        with self._path.open("rb") as file:
            await asyncio.get_running_loop().sendfile(writer.transport, file)
        self.fetched += 1


@asynccontextmanager
async def served(path: Path, host: str) -> AsyncIterator[ServedFile]:
    """Serve a file on one interface of this machine for as long as the context is open."""
    file = ServedFile(path, host)
    server = await file.open()
    try:
        yield file
    finally:
        server.close()
        await file.close()
