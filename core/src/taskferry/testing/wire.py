"""A respx mocker that sees all of taskferry's calls, whatever road they take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

import httpx
from respx.mocks import Mocker
from respx.models import PassThrough

from taskferry.transport import Answer, is_installed
from taskferry.transport.sharded import ShardedLane

_NATIVE = ["taskferry.transport.native.NativeLane"] if is_installed() else []


class TaskferryMocker(Mocker):
    """Stands in below the clients, on both roads: `respx.mock(using="taskferry")`."""

    name: ClassVar[str] = "taskferry"
    targets: ClassVar[list[str]] = ["httpx.AsyncHTTPTransport", *_NATIVE]
    target_methods: ClassVar[list[str]] = ["handle_async_request", "look"]

    @classmethod
    def mock(cls, spec: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        """Give the function that takes the place of a transport's own, or of the native lane's."""

        async def handle(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
            await request.aread()  # so that a test can read what was streamed
            try:
                response: httpx.Response = await cls.async_handler(request)  # type: ignore[no-untyped-call]  # respx ships none here
            except PassThrough:
                response = await spec(transport, request)
            return response

        async def look(lane: object, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
            try:
                mocked = ShardedLane([httpx.MockTransport(cls.async_handler)], "taskferry")
                return await mocked.look(url, headers, body)
            except PassThrough:
                answer: Answer = await spec(lane, url, headers, body)
                return answer

        return look if spec.__name__ == "look" else handle
