"""Serves the gallery: until it is told to stop, or in a thread for as long as somebody needs it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from starlette.applications import Starlette

from taskferry.errors import UsageError
from taskferry.ferry import Ferry
from taskferry.web.application import application
from taskferry.web.live import EVERY
from taskferry.web.options import WebOptions

_LAST_REPLIES = 3
"""Seconds that replies under way have to end when the server stops; jobs go on."""
_CALLER = "ui"


def serve(options: WebOptions, *, listening: Callable[[str], object], **settings: Any) -> None:
    """Serve until SIGTERM or Ctrl-C; call it from the main thread.

    `listening` is given the address as soon as pages can be opened; `settings` are those of a Ferry. Raise UsageError
    for an address that cannot be bound, and the TaskferryError that keeps the ferry from opening.
    """
    with _listen(options) as listener:
        server = _Server(_ferry(settings), options, listener, lambda: listening(_url(listener, options)))
        with _stopped_by_signals(server):
            asyncio.run(server.run_to_end())


@contextlib.contextmanager
def serving(options: WebOptions, *, every: float = EVERY, **settings: Any) -> Iterator[str]:
    """Serve in a thread and yield the address, where pages can be opened; `settings` are those of a Ferry."""
    ready = threading.Event()
    problems: list[BaseException] = []
    with _listen(options) as listener:
        server = _Server(_ferry(settings), options, listener, ready.set, every=every)

        def run() -> None:
            try:
                asyncio.run(server.run_to_end())
            except BaseException as error:  # noqa: BLE001 -- raised again below, in the thread that waits
                problems.append(error)
            finally:
                ready.set()

        thread = threading.Thread(target=run, name="taskferry-ui", daemon=True)
        thread.start()
        ready.wait()
        try:
            if not problems:
                yield _url(listener, options)
        finally:
            server.should_exit = True
            thread.join()
    if problems:
        raise problems[0]


class _Server(uvicorn.Server):
    """A server that opens its ferry first, so that what is wrong with it is raised, and lets listeners go first."""

    def __init__(
        self,
        ferry: Ferry,
        options: WebOptions,
        listener: socket.socket,
        listening: Callable[[], object],
        *,
        every: float = EVERY,
    ) -> None:
        self._listener = listener
        self._listening = listening
        self._application = application(ferry, options, every=every)
        super().__init__(
            uvicorn.Config(
                self._application,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_LAST_REPLIES,
            )
        )

    async def run_to_end(self) -> None:
        """Serve until `should_exit`; raise the TaskferryError that keeps the ferry from opening."""
        async with _lifespan(self._application):
            await self.serve(sockets=[self._listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections, and say so."""
        await super().startup(sockets)
        self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams of events, which have no end of their own, then the rest."""
        self._application.state.web.live.close()
        await super().shutdown(sockets)


def _lifespan(app: Starlette) -> contextlib.AbstractAsyncContextManager[Any]:
    return app.router.lifespan_context(app)


def _ferry(settings: dict[str, Any]) -> Ferry:
    return Ferry(**{"caller": _CALLER, **settings})


@contextlib.contextmanager
def _stopped_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """Stop the server by signals also before it listens to them itself; what it sends again at its end does nothing."""

    def stop(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _url(listener: socket.socket, options: WebOptions) -> str:
    """Give the address to open; with the token in it where one is needed, which the browser then keeps as a cookie."""
    host, port = listener.getsockname()[:2]
    named = options.host if options.host == "localhost" else f"[{host}]" if ":" in host else host
    return f"http://{named}:{port}/" + (f"?token={options.token}" if options.token else "")


def _listen(options: WebOptions) -> socket.socket:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, so that replies are not delayed
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((options.host, options.port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise UsageError(
            f"Cannot listen on port {options.port} of {options.host} ({error}): choose another --port (0 takes a free "
            "one), or another --host. Perhaps a gallery is open there already."
        ) from error
    return listener
