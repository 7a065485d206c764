"""Talks to Blender's add-on: a JSON object goes out, a JSON object comes back, and it ends where it parses."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from taskferry import clean
from taskferry_blender.address import Address
from taskferry_blender.errors import BlenderReplyMalformed, BlenderTimeout, BlenderUnreachable, ImportFailed

log = logging.getLogger("taskferry")

_CONNECT_WITHIN = 5.0
_LARGEST_REPLY = 1024 * 1024
_LOOK_FIRST = "Look into Blender before you import again."


class Connection:
    """A connection to the add-on, which serves one client at a time, on Blender's main thread."""

    def __init__(self, address: Address, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._address, self._reader, self._writer = address, reader, writer
        self._received = bytearray()

    @property
    def own_host(self) -> str:
        """Give the numeric host at which the other end sees this machine."""
        return str(self._writer.get_extra_info("sockname")[0])

    async def ask(self, command: str, timeout: float, **parameters: Any) -> Mapping[str, Any]:
        """Send a command and give its result; raise a BlenderError for anything else, and after `timeout` seconds."""
        self._received.clear()
        try:
            async with asyncio.timeout(timeout):
                self._writer.write(json.dumps({"type": command, "params": parameters}).encode())
                await self._writer.drain()
                return _result(await self._reply())
        except TimeoutError as error:
            raise BlenderTimeout(self._late(timeout)) from error
        except OSError as error:
            raise BlenderReplyMalformed(f"The connection to Blender broke: {error.strerror}. {_LOOK_FIRST}") from error

    async def _reply(self) -> Mapping[str, Any]:
        while chunk := await self._reader.read(65536):
            self._received += chunk
            if len(self._received) > _LARGEST_REPLY:
                raise self._malformed(f"it is longer than {_LARGEST_REPLY} bytes")
            reply = self._parsed()
            if reply is not None:
                return reply
        raise self._malformed("it broke off" if self._received else "the connection was closed without one")

    def _parsed(self) -> Mapping[str, Any] | None:
        """Give the answer if it is whole, None while it may go on."""
        text = bytes(self._received).strip()
        if text and not text.startswith(b"{"):
            raise self._malformed("it is no JSON object")
        if not text.endswith(b"}"):
            return None
        try:
            reply: Mapping[str, Any] = json.loads(text)
        except json.JSONDecodeError as error:
            if error.msg == "Extra data":
                raise self._malformed("more follows its end") from error
            return None
        except (UnicodeDecodeError, RecursionError) as error:
            raise self._malformed("it is no sound JSON") from error
        return reply

    def _malformed(self, why: str) -> BlenderReplyMalformed:
        shown = clean(bytes(self._received[:200]).decode("utf-8", "replace"), 100)
        return BlenderReplyMalformed(
            f"What listens at {self._address} gave no answer of Blender's add-on: {why}"
            f"{f' ({shown})' if shown else ''}. {_LOOK_FIRST}"
        )

    def _late(self, timeout: float) -> str:
        if self._received:
            return f"Blender's answer stopped after {len(self._received)} bytes, {timeout:g} s on. {_LOOK_FIRST}"
        return (
            f"Blender has not answered within {timeout:g} s. It may be busy, or another program may hold the add-on's "
            f"only connection: close that one. {_LOOK_FIRST}"
        )


def _result(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what a reply carries; raise ImportFailed for an error, wherever the add-on puts it."""
    status, result = reply.get("status"), reply.get("result")
    told = result if isinstance(result, Mapping) else {}
    if status == "error" or told.get("status") == "error" or "error" in told:
        message = reply.get("message") or told.get("message") or told.get("error") or "no reason given"
        raise ImportFailed(f"Blender could not do it: {clean(message)}")
    if status != "success" or not isinstance(result, Mapping):
        raise BlenderReplyMalformed(
            f"Blender's answer has the status {clean(status, 50)!r} and no usable result. {_LOOK_FIRST}"
        )
    return result


@asynccontextmanager
async def connected(address: Address) -> AsyncIterator[Connection]:
    """Connect to the add-on; raise BlenderUnreachable if nobody listens there."""
    reader, writer = await _opened(address)
    try:
        yield Connection(address, reader, writer)
    finally:
        writer.close()
        try:
            await writer.wait_closed()
        except OSError as error:
            log.debug("the connection to Blender was reset: %r", error)


async def _opened(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    problem: OSError | None = None
    for host in await address.resolved():
        try:
            async with asyncio.timeout(_CONNECT_WITHIN):
                return await asyncio.open_connection(host, address.port)
        except OSError as error:
            problem = error
    raise BlenderUnreachable(
        f"No Blender listens at {address}: open Blender, start the server of its add-on (the sidebar of the 3D view), "
        "and try again. Nothing was imported."
    ) from problem
