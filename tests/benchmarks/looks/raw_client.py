"""The unit of all ratios: an asyncio protocol that asks, waits for the whole body, decodes it, and asks again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.looks.spec import Spec


class Connection(asyncio.Protocol):
    """One keep-alive connection with one request under way."""

    def __init__(self, path: str) -> None:
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nAuthorization: Bearer key\r\n\r\n"
        ).encode()
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        start = self._buffer.lower().find(b"content-length:", 0, end) + 15
        length = int(self._buffer[start : self._buffer.find(b"\r\n", start)])
        if len(self._buffer) < end + 4 + length:
            return
        assert json.loads(self._buffer[end + 4 :])["status"] == "executing"
        self._buffer = b""
        self._transport.write(self._request)


@asynccontextmanager
async def asking(spec: Spec) -> AsyncIterator[None]:
    """Keep so many requests under way."""
    loop = asyncio.get_running_loop()
    for number in range(spec.in_flight):
        await loop.create_connection(lambda n=number: Connection(spec.path(n)), "127.0.0.1", spec.port)
    yield
