"""Forks children from a parent that has imported everything and runs no thread, strikes them and reaps them."""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import importlib
import json
import logging
import os
import pickle
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
from attrs import define, field, frozen

from chaos.disk import Syncs
from chaos.script import play
from chaos.seams import Board, Seams
from chaos.strikes import JumpingClock, Plan, allow_room, strike
from taskferry import Registry, TaskferryError

_TICK = 0.002
_WARM = ("anyio._backends._asyncio", "httpcore", "taskferry.engine", "taskferry.sandbox.host")
_HUNG_AFTER = 60.0
"""Seconds: no child has anything to do for so long."""


class Said:
    """What children were told, kept by their parent: a pipe, which neither a death nor a full disk reaches."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        self._rest = b""
        self.words: list[dict[str, Any]] = []

    def say(self, **words: Any) -> None:
        """Write down some words; called in a child."""
        line = json.dumps({name: str(word)[:500] for name, word in words.items()})
        os.write(self._writing, line.encode() + b"\n")

    def hear(self) -> None:
        """Take in what was said."""
        while chunk := _read(self._reading):
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            self.words += [json.loads(line) for line in lines]

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._reading)
        os.close(self._writing)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except BlockingIOError:
        return b""


@frozen(kw_only=True)
class Place:
    """Where the children of a round work."""

    home: Path
    said: Said
    synced: Path
    """The ledger's files as of the last sync."""
    registry: Registry
    environ: Mapping[str, str]


@define(kw_only=True)
class Life:
    """A child, from its birth to its end."""

    process: int
    plan: Plan
    board: Board
    label: str
    born: float = field(factory=time.monotonic)
    goes_on_at: float | None = None
    """When a stopped one is continued."""
    struck: bool = False
    end: str | None = None
    """`killed`, `done`, or what went wrong."""


def warm() -> Registry:
    """Load once, before any fork, what every child begins with; give the registry, plugins loaded."""
    faulthandler.enable()
    logging.getLogger("taskferry").setLevel(logging.CRITICAL + 1)
    for module in _WARM:
        importlib.import_module(module)
    certificates = httpx.create_ssl_context()
    httpx.create_ssl_context = lambda: certificates  # reading them takes longer than all else that a child begins with
    registry = Registry()
    registry.operations()
    assert threading.active_count() == 1, "a process that forks must have no threads"
    gc.collect()
    gc.freeze()
    return registry


def born(place: Place, plan: Plan, label: str, board: Board) -> Life:
    """Fork a child that plays its script until it is struck."""
    board.clear()
    process = forked(lambda: _live(place, plan, label, board))
    return Life(process=process, plan=plan, board=board, label=label)


def forked(function: Callable[[], int | None]) -> int:
    """Run a function in a child, which ends with it and its exit code, if it gives one; give the child's process id."""
    sys.stdout.flush()
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        code = function() or 0
    except BaseException:  # noqa: BLE001 -- a child must not go on as its parent, whatever happened in it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _live(place: Place, plan: Plan, label: str, board: Board) -> None:
    seams = Seams(board, strike(plan.strike), kind=plan.kind, number=plan.number)
    seams.install()
    if plan.strike == "fill":
        allow_room()
    if plan.syncs:
        seams.after_statement = Syncs(place.home, place.synced).hear
    clock = JumpingClock(random.Random(label)) if plan.jumps else None
    try:
        asyncio.run(play(place.home, place.registry, place.environ, label, place.said.say, clock))
    except TaskferryError as error:
        place.said.say(refused=f"opening or closing: {type(error).__name__}: {error}")
    except Exception as error:
        frames = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        place.said.say(broke=f"{label}: {type(error).__name__}: {error} at {' '.join(frames[-5:])}")
        raise


def tended(lives: list[Life], chance: random.Random) -> list[Life]:
    """Wait for a moment, strike what is due, and give the children that have come to their end."""
    time.sleep(_TICK)
    now = time.monotonic()
    for life in lives:
        _tend(life, now, chance)
    return [life for life in lives if life.end is not None]


def _tend(life: Life, now: float, chance: random.Random) -> None:
    process, status = os.waitpid(life.process, os.WNOHANG | os.WUNTRACED)
    if process and os.WIFSTOPPED(status):
        life.struck = True
        life.goes_on_at = now + chance.choice((0.0, 0.2, 0.5, 1.5))
        return
    if process:
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        code = os.waitstatus_to_exitcode(status)
        if life.end is None:
            life.end = "killed" if killed else "done" if code == 0 else f"ended with {code}"
        return
    if life.goes_on_at is not None and now >= life.goes_on_at:
        life.goes_on_at = None
        os.kill(life.process, signal.SIGCONT)
    if life.plan.after is not None and now - life.born >= life.plan.after and life.goes_on_at is None:
        os.kill(life.process, signal.SIGKILL)
    if now - life.born > _HUNG_AFTER and life.goes_on_at is None:
        os.kill(life.process, signal.SIGABRT)  # faulthandler tells where it hangs
        os.waitpid(life.process, 0)
        life.end = f"hung after {life.board.last!r}"


def end_all(lives: list[Life]) -> None:
    """Kill and reap whatever still runs."""
    for life in lives:
        if life.end is None:
            os.kill(life.process, signal.SIGKILL)
            os.waitpid(life.process, 0)
            life.end = "killed"


def asked(function: Callable[[], Any]) -> Any:
    """Run a function in a child and give its result, so that this process stays without threads."""
    reading, writing = os.pipe()

    def answer() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(function(), pipe)

    process = forked(answer)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        content = pipe.read()
    os.waitpid(process, 0)
    if not content:
        raise RuntimeError("A child that was asked something died; its traceback stands above.")
    return pickle.loads(content)
