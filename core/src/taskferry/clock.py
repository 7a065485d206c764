"""Time as something that can be handed in, so that tests need not wait for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol, runtime_checkable


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> float:
        """Give the wall clock in epoch seconds; it may jump."""
        ...

    def monotonic(self) -> float:
        """Give seconds that only ever grow, from an arbitrary start."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait until the event is set, for at most so many seconds; tell whether it was."""
        ...


@runtime_checkable
class NoticesWork(Protocol):
    """A clock whose time passes by itself only while nobody works, and which cannot see what threads do."""

    def notice(self, busy: Callable[[], bool]) -> None:
        """Hear of work outside of the event loop; no time passes while `busy` gives true."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """Give the wall clock in epoch seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Give seconds that only ever grow."""
        return time.monotonic()

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait until the event is set, for at most so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return event.is_set()
        return True
