"""A respx mocker that sees all of taskferry's calls, whatever road they take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import httpx
from respx.mocks import Mocker
from respx.models import PassThrough


class TaskferryMocker(Mocker):
    """Stands in at the transport, below the clients: `respx.mock(using="taskferry")`."""

    name: ClassVar[str] = "taskferry"
    targets: ClassVar[list[str]] = ["httpx.AsyncHTTPTransport"]
    target_methods: ClassVar[list[str]] = ["handle_async_request"]

    @classmethod
    def mock(cls, spec: Callable[..., Any]) -> Callable[..., Awaitable[httpx.Response]]:
        """Give the function that takes the place of a transport's own."""

        async def handle(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
            await request.aread()  # so that a test can read what was streamed
            try:
                response: httpx.Response = await cls.async_handler(request)  # type: ignore[no-untyped-call]  # respx ships none here
            except PassThrough:
                response = await spec(transport, request)
            return response

        return handle
