"""Run stand-ins on loopback: for a command until it is told to stop, or beside other code of this process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import FrameType

import uvicorn
from attrs import frozen

from taskferry.errors import UsageError
from taskferry.sandbox.application import application
from taskferry.sandbox.connection import DroppableProtocol
from taskferry.sandbox.loading import factory_of
from taskferry.sandbox.settings import Settings
from taskferry.sandbox.stand_in import StandIn

Factory = str | Callable[[Settings], StandIn]
"""Makes a stand-in; or the import path of what does, as `some_plugin.sandbox:stand_in` or `some_plugin:card.toml`."""

_KEEP_ALIVE = 75
"""Seconds, as proxies have it; short ones meet a client's next request half-way and lose it."""
_LAST_REPLIES = 0.5
"""Seconds that replies under way have at the end."""
_HOST = "127.0.0.1"


@frozen(kw_only=True)
class Running:
    """A stand-in that listens."""

    name: str
    base_url: str
    """Origin only, without a version path."""
    env: Mapping[str, str]
    """The variables that point taskferry at it, and a key."""
    stand_in: StandIn


class _Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let replies under way finish for a moment, then drop their connections as a server that goes away does."""
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=_LAST_REPLIES)
        for task in self.server_state.tasks:
            task.cancel()
        await super().shutdown(sockets)

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]  # the host stops it
        return contextlib.nullcontext()


def serve(
    stand_ins: Mapping[str, Factory],
    *,
    port: int = 0,
    speed: float = 1.0,
    limits: bool = True,
    as_json: bool = False,
    write: Callable[[str], object] | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C, and return then; call it from the main thread.

    With a `port` the stand-ins listen on it and the ones that follow, in the order of their names; with 0 on free ones.
    As soon as they listen, one line of JSON or a few lines for people go to `write` or stdout.
    Raise UsageError for a taken port.
    """
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    previous = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with running(stand_ins, port=port, speed=speed, limits=limits) as servers:
            (write or _to_stdout)(_as_json(servers) if as_json else _for_people(servers))
            while not stop.wait(timeout=0.5):  # a wait without end does not see signals on every system
                continue
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def running(
    stand_ins: Mapping[str, Factory],
    *,
    port: int = 0,
    speed: float = 1.0,
    limits: bool = True,
    clock: Callable[[], float] = time.time,
) -> Iterator[dict[str, Running]]:
    """Run stand-ins in a thread with a loop of its own and yield them by name; they listen as soon as it yields."""
    settings = Settings(speed=speed, limits=limits, clock=clock)
    with contextlib.ExitStack() as stack:
        servers: list[tuple[_Server, socket.socket]] = []
        listening: dict[str, Running] = {}
        for offset, name in enumerate(sorted(stand_ins)):
            factory = stand_ins[name]
            stand_in = (factory_of(factory) if isinstance(factory, str) else factory)(settings)
            listener = stack.enter_context(_listen(port + offset if port else 0))
            base_url = f"http://{_HOST}:{listener.getsockname()[1]}"
            listening[name] = Running(name=name, base_url=base_url, env=stand_in.env(base_url), stand_in=stand_in)
            servers.append((_server(stand_in), listener))
        thread = threading.Thread(target=lambda: asyncio.run(_run(servers)), name="taskferry-sandbox", daemon=True)
        thread.start()
        try:
            yield listening
        finally:
            for server, _ in servers:
                server.should_exit = True
            thread.join()


async def _run(servers: list[tuple[_Server, socket.socket]]) -> None:
    await asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in servers))


def _server(stand_in: StandIn) -> _Server:
    config = uvicorn.Config(
        application(stand_in),
        http=DroppableProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
    )
    return _Server(config)


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle's delay of 40 ms a reply off only where the protocol is named
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
        listener.listen(1024)
    except (OSError, OverflowError) as error:
        listener.close()
        raise UsageError(
            f"cannot listen on port {port} of {_HOST} ({error}): choose another one, or 0 for a free one"
        ) from error
    return listener


def _to_stdout(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _as_json(servers: Mapping[str, Running]) -> str:
    return json.dumps({name: {"base_url": run.base_url, "env": dict(run.env)} for name, run in servers.items()}) + "\n"


def _for_people(servers: Mapping[str, Running]) -> str:
    width = max((len(name) for name in servers), default=0)
    lines = [f"{name:<{width}}  {run.base_url}" for name, run in servers.items()]
    variables = [f"export {name}={value}" for run in servers.values() for name, value in run.env.items()]
    return "\n".join([*lines, "", *variables, "", "Ctrl-C stops them.", ""])
