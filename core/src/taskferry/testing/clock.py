"""A clock that jumps to the next moment anybody waits for as soon as nothing else happens."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self


class VirtualClock:
    """Time for tests: hours pass in milliseconds, and every wait ends in the right order.

    Inside `async with`, whenever the loop has nothing left to do but wait, the time jumps to the earliest wait's end.
    """

    def __init__(self, now: float = 1_700_000_000.0, *, idle: float = 0.003) -> None:
        """Start at a wall time in epoch seconds; `idle` is how many real seconds of quiet make the time jump."""
        self._start = now
        self._idle = idle
        self._passed = 0.0
        self._skew = 0.0
        self._waits: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0
        self._busy: list[Callable[[], bool]] = [lambda: self._in_threads > 0]
        self._in_threads = 0
        self._driver: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watch_threads(asyncio.get_running_loop())
        self._driver = asyncio.create_task(self._drive())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._driver is not None:
            self._driver.cancel()
            await asyncio.gather(self._driver, return_exceptions=True)

    def notice(self, busy: Callable[[], bool]) -> None:
        """Hear of work outside of the event loop; no time passes by itself while `busy` gives true."""
        self._busy.append(busy)

    def _watch_threads(self, loop: asyncio.AbstractEventLoop) -> None:
        """Count what the loop has threads do, for as long as the loop lives."""
        run = loop.run_in_executor

        def counted(*work: Any) -> asyncio.Future[Any]:
            future = run(*work)
            self._in_threads += 1
            future.add_done_callback(self._thread_is_done)
            return future

        loop.run_in_executor = counted  # type: ignore[assignment,method-assign]  # a plain function in a method's place

    def _thread_is_done(self, _: asyncio.Future[Any]) -> None:
        self._in_threads -= 1

    def now(self) -> float:
        """Give the wall clock in epoch seconds."""
        return self._start + self._passed + self._skew

    def monotonic(self) -> float:
        """Give the seconds passed since the clock was made."""
        return self._passed

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back, as a user or a time service does; waits do not notice."""
        self._skew += seconds

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self._passed += seconds
        while self._waits and self._waits[0][0] <= self._passed:
            heapq.heappop(self._waits)[2].set()

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait until the event is set, for at most so many virtual seconds."""
        if event.is_set() or seconds is None:
            return await event.wait()
        over = asyncio.Event()
        self._count += 1
        heapq.heappush(self._waits, (self._passed + max(seconds, 0.0), self._count, over))
        both = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(over.wait())]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.set()
            for waiting in both:
                waiting.cancel()
        return event.is_set()

    async def _drive(self) -> None:
        while True:
            seen = (self._count, self._passed)
            await asyncio.sleep(self._idle)
            while self._waits and self._waits[0][2].is_set():
                heapq.heappop(self._waits)
            quiet = seen == (self._count, self._passed) and not any(busy() for busy in self._busy)
            if quiet and self._waits:
                self.advance(max(0.0, self._waits[0][0] - self._passed))
