"""How large a request may be."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 512 * 1024 * 1024
"""Bytes of a form with all its files; what a provider takes of one file is said by its operation."""


class TooLarge(Exception):
    """A request has grown larger than is taken."""


class BodyLimit:
    """Counts what comes in, whatever the request says of its length."""

    def __init__(self, application: ASGIApp, *, largest: int = LARGEST) -> None:
        self._application = application
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        length = Request(scope).headers.get("content-length", "")
        if length.isdigit() and int(length) > self._largest:
            await self._refuse(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._largest:
                raise TooLarge
            return message

        try:
            await self._application(scope, counted, send)
        except TooLarge:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        text = f"That is more than {self._largest // 1024**2} MB: give large files by address."
        await PlainTextResponse(text, status_code=413)(scope, receive, send)
