"""What strikes a process at its seam: death, a stop, a full disk, a clock that is set."""

from __future__ import annotations

import os
import random
import resource
import signal
import time
from collections.abc import Callable
from types import FrameType

from attrs import frozen

from taskferry.clock import SystemClock

_HOUR, _YEAR = 3600.0, 365 * 86400.0
_JUMPS = (-3 * _YEAR, -_YEAR, -30 * _HOUR, -_HOUR, -90.0, 90.0, _HOUR, 30 * _HOUR, _YEAR, 3 * _YEAR)
_NO_ROOM_FOR = 0.7
"""Seconds."""


@frozen(kw_only=True)
class Plan:
    """When a child is struck, and with what."""

    kind: str | None = None
    """Of seam; None for a moment in time."""
    number: int = 0
    """Which seam of its kind."""
    after: float | None = None
    """Seconds after which it is killed, whatever seams it has passed."""
    strike: str = "kill"
    jumps: bool = False
    """Whether its clock is set forward and back as it goes."""
    syncs: bool = False
    """Whether the ledger's files are copied at every sync."""


def strike(name: str) -> Callable[[], None]:
    """Give the function that strikes this process."""
    return {"kill": _kill, "stop": _stop, "fill": _fill}[name]


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _fill() -> None:
    """Let no file of this process grow for a while: every write behind a file's first byte fails."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, most))
    signal.setitimer(signal.ITIMER_REAL, _NO_ROOM_FOR)


def allow_room() -> None:
    """Make this process take its room back when the time of a full disk is over."""

    def make_room(_number: int, _frame: FrameType | None) -> None:
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    signal.signal(signal.SIGALRM, make_room)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


class WrongClock(SystemClock):
    """A machine's clock that was set to another time."""

    skew = 0.0
    """Seconds by which its wall clock is wrong."""

    def now(self) -> float:
        """Give the wall clock, in epoch seconds."""
        return time.time() + self.skew


class JumpingClock(WrongClock):
    """One that is set to another time now and then, as users and time services do."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def now(self) -> float:
        """Give the wall clock of this moment."""
        if self._chance.random() < 0.02:
            self.skew = self._chance.choice((0.0, *_JUMPS))
        return super().now()
