"""The clock that all who share a ledger go by: the server's, where this machine's own differs from it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from taskferry.clock import Clock

_UNLIKE = 2.0
"""Seconds of difference below which two clocks count as alike: an answer on its way makes up some of it."""
AGAIN_AFTER = 600.0
"""Seconds after which a long-lived process compares the clocks again."""


@runtime_checkable
class TellsTime(Protocol):
    """A ledger on a server whose clock is the same for everybody."""

    def server_time(self) -> float:
        """Give the server's clock in epoch seconds; blocking."""
        ...


class AgreedClock:
    """A machine's clock, put right by the server's.

    What one machine writes down, another compares with its own time: when a job was asked for, which day it counts
    for, when it was last looked at. So all of them have to mean the same time, also one whose clock is minutes off.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._measured: tuple[float, float] | None = None
        """When the clocks were compared, by this machine's clock and by the time that only grows."""
        self.behind = 0.0
        """Seconds that this machine's clock is behind the server's; 0.0 where they are alike."""

    def now(self) -> float:
        """Give the server's clock in epoch seconds, as far as it is known."""
        return self._clock.now() + self.behind

    def monotonic(self) -> float:
        """Give seconds that only ever grow."""
        return self._clock.monotonic()

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait until the event is set, for at most so many seconds."""
        return await self._clock.wait(event, seconds)

    @property
    def is_due(self) -> bool:
        """Tell whether the clocks were not compared for long, or this one was set since."""
        if self._measured is None:
            return True
        wall, steady = self._measured
        passed = time.monotonic() - steady
        return passed > AGAIN_AFTER or abs(self._clock.now() - wall - passed) >= _UNLIKE

    def measure(self, ledger: TellsTime) -> None:
        """Compare the clocks; blocking."""
        behind = behind_server(ledger, self._clock.now)
        self.behind = behind if abs(behind) >= _UNLIKE else 0.0
        self._measured = self._clock.now(), time.monotonic()


def behind_server(ledger: TellsTime, now: Callable[[], float] = time.time) -> float:
    """Give the seconds that a clock is behind the server's, right to half the time that its answer takes; blocking."""
    before = now()
    told = ledger.server_time()
    return told - (before + now()) / 2
