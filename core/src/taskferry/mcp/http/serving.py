"""Serves over streamable HTTP until it is told to stop."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from mcp.server.mcpserver import MCPServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from taskferry.errors import UsageError
from taskferry.mcp.http.options import HttpOptions
from taskferry.mcp.state import State
from taskferry.mcp.stdio import unwrapped

PATH = "/mcp"
_LARGEST_BODY = 1024 * 1024
"""Bytes of one request; files travel by path or URL, never in a call."""
_LAST_REPLIES = 5
"""Seconds that calls under way have to end when the server stops; their jobs go on."""
_KEEP_ALIVE = 75
"""Seconds that a connection may be idle: longer than clients pause between two looks, or a look meets its end."""


def application(server: MCPServer[State], options: HttpOptions) -> Starlette:
    """Give the ASGI application: `/mcp`, and `/health`, which answers without a token."""
    server.custom_route("/health", methods=["GET"])(_health)
    return server.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=_LARGEST_BODY,
        transport_security=options.security,
        host=options.host,
    )


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


def serve_http(
    server: MCPServer[State], options: HttpOptions, *, listening: Callable[[str], object] | None = None
) -> None:
    """Serve until SIGTERM or Ctrl-C; call it from the main thread.

    `listening` is given the server's URL as soon as it listens. Raise UsageError for an address that cannot be bound,
    and the TaskferryError that keeps the ferry from opening.
    """
    listener = _listen(options.host, options.port)
    config = uvicorn.Config(
        application(server, options),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_LAST_REPLIES,
    )
    running = uvicorn.Server(config)
    with listener, unwrapped(), _stopped_by_signals(running):
        if listening is not None:
            host, port = listener.getsockname()[:2]
            listening(f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}")
        running.run(sockets=[listener])


@contextlib.contextmanager
def _stopped_by_signals(running: uvicorn.Server) -> Iterator[None]:
    """Stop the server by signals also before it listens to them itself; what it sends again at its end does nothing.

    Stopping on request is no failure, so that the process ends with 0.
    """

    def stop(*_: object) -> None:
        running.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"Cannot listen on port {port} of {host} ({error}): choose another --host or --port; 0 takes a free one."
        ) from error
    return listener
