"""Answers `GET /health` and `GET /metrics` in the loop that works, so that one which stands still answers nothing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from taskferry.errors import UsageError
from taskferry.worker.metrics import CONTENT_TYPE, Metrics
from taskferry.worker.probe import Probe

_LAST_REPLIES = 1
"""Seconds that replies under way have to end."""


def application(probe: Probe, metrics: Metrics) -> Starlette:
    """Give the ASGI application; nothing in its answers is secret, and nothing can be changed by it."""

    async def health(_: Request) -> Response:
        return JSONResponse(probe.document(), 200 if probe.state == "ok" else 503, {"cache-control": "no-store"})

    async def numbers(_: Request) -> Response:
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE, "cache-control": "no-store"})

    return Starlette(routes=[Route("/health", health), Route("/metrics", numbers)])


class _Server(uvicorn.Server):
    """A server that leaves the signals to the worker."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def answering(listener: socket.socket, app: Starlette) -> AsyncIterator[None]:
    """Answer while the block lasts."""
    server = _Server(
        uvicorn.Config(
            app,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_LAST_REPLIES,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="taskferry-health")
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def listen(host: str, port: int) -> socket.socket:
    """Bind an address, before anything else is begun; raise UsageError where that cannot be."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"Cannot listen on port {port} of {host} ({error}): choose another --health; port 0 takes a free one."
        ) from error


def url_of(listener: socket.socket) -> str:
    """Give the address that the answers are at."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
