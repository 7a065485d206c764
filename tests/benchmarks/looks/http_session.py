"""The leanest HTTP/1.1 server that asyncio can be: keep-alive, whole bodies, no framework in the measurement."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

Answer = Callable[[str, str, bytes], bytes]
"""Takes method, path and body, gives the JSON body of the reply."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_HEAD = b"HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n%b"


class Session(asyncio.Protocol):
    """One connection of a client."""

    def __init__(self, answer: Answer, header: bytes) -> None:
        self._answer = answer
        self._header = header
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._buffer += data
        while True:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            length = 0
            if not found:
                return
            if not head.startswith(b"GET ") and (told := _LENGTH.search(head)):
                length = int(told[1])
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            method, path, _ = head.split(b" ", 2)
            body = self._answer(method.decode(), path.decode(), rest[:length])
            self._transport.write(_HEAD % (self._header, len(body), body))


async def serve(answer: Answer, header: bytes = b"") -> None:
    """Listen on a free loopback port, print it, and answer, with one more header line, until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Session(answer, header), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
