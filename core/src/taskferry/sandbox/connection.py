"""Replies that never arrive whole: the TCP connection is dropped before or in the middle of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol


class DroppableProtocol(H11Protocol):
    """Hand the connection to the application, which alone knows when a reply is to be lost."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Put the transport where each request's scope finds it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class DroppedReply(Response):
    """Drop the connection before any byte of a reply."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's signature
        """Send nothing."""
        await drop(scope, receive)


class CutReply(Response):
    """Announce the whole body, send half of it and close the connection."""

    def __init__(self, content: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(content, media_type=media_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the headers of the whole and half of the body."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body[: len(self.body) // 2])
        await send({"type": "http.response.body", "body": half, "more_body": True})
        scope["state"]["transport"].close()
        await _disconnected(receive)


async def drop(scope: Scope, receive: Receive) -> None:
    """Abort the connection and wait until it is gone, so that no one writes to it any more."""
    scope["state"]["transport"].abort()
    await _disconnected(receive)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
