"""A clock that jumps to the next moment anybody waits for as soon as nothing else happens."""

from __future__ import annotations

import asyncio
import heapq
import math
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, Self

_STILL_FOR = 3
"""Rounds of the loop in a row in which nothing else is called: what a socket has brought comes a round late."""
_ROUNDS_AT_MOST = 10_000
"""After so many the time jumps all the same: somebody goes round in the loop until it does."""
_ROUNDING = 1e-6
"""Share of one step by which a moment may miss a multiple of it and still be that one."""


class VirtualClock:
    """Time for tests: hours pass in milliseconds, and every wait ends in the right order.

    Inside `async with`, whenever the loop has nothing left to do but wait, the time jumps to the earliest wait's end.
    """

    def __init__(self, now: float = 1_700_000_000.0, *, idle: float = 0.003, resolution: float = 0.0) -> None:
        """Start at a wall time in epoch seconds; `idle` is how many real seconds of quiet make the time jump.

        They are for what comes over real connections, which the clock does not see unless `notice` tells of it; all
        else it waits for. With a `resolution`, in virtual seconds, it jumps to whole multiples of that alone: what is
        due between two of them happens at the later one, in order, so that hours of many tasks take few jumps.
        """
        self._start = now
        self._idle = idle
        self._resolution = resolution
        self._passed = 0.0
        self._skew = 0.0
        self._waits: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0
        self._busy: list[Callable[[], bool]] = [lambda: self._in_threads > 0]
        self._in_threads = 0
        self._called = 0
        self._driver: asyncio.Task[None] | None = None
        self._unwatch: Callable[[], None]

    async def __aenter__(self) -> Self:
        self._watch(asyncio.get_running_loop())
        self._driver = asyncio.create_task(self._drive())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._driver is not None:
            self._driver.cancel()
            await asyncio.gather(self._driver, return_exceptions=True)
            self._unwatch()

    def notice(self, busy: Callable[[], bool]) -> None:
        """Hear of work outside of the event loop; no time passes by itself while `busy` gives true."""
        self._busy.append(busy)

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Count what the loop has threads do, and what is to run in its next round, until this clock stops."""
        run, call, call_from_thread = loop.run_in_executor, loop.call_soon, loop.call_soon_threadsafe

        def runs(*work: Any) -> asyncio.Future[Any]:
            future = run(*work)
            self._in_threads += 1
            future.add_done_callback(self._thread_is_done)
            return future

        def calls(*work: Any, **context: Any) -> asyncio.Handle:
            self._called += 1
            return call(*work, **context)

        def calls_from_thread(*work: Any, **context: Any) -> asyncio.Handle:
            self._called += 1
            return call_from_thread(*work, **context)

        def replace(run: Any, call: Any, call_from_thread: Any) -> None:
            loop.run_in_executor = run  # type: ignore[method-assign]  # plain functions in the places of methods
            loop.call_soon, loop.call_soon_threadsafe = call, call_from_thread  # type: ignore[method-assign]  # as above

        replace(runs, calls, calls_from_thread)
        self._unwatch = partial(replace, run, call, call_from_thread)

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
            still = seen == (self._count, self._passed) and await self._is_still()
            while self._waits and self._waits[0][2].is_set():
                heapq.heappop(self._waits)
            if still and self._waits:
                self.advance(max(0.0, self._jump_to(self._waits[0][0]) - self._passed))

    def _jump_to(self, due: float) -> float:
        """Give the first moment, not before the due one, at which this clock can stand."""
        step = self._resolution
        return max(due, math.ceil(due / step - _ROUNDING) * step) if step else due

    async def _is_still(self) -> bool:
        """Let the loop go on until it has nothing left to do; tell whether that is so, and no thread works either."""
        seen, still = (self._count, self._passed), 0
        for _ in range(_ROUNDS_AT_MOST):
            called = self._called
            await asyncio.sleep(0)
            # Busy before called: a thread calls back before it says that it is done.
            if any(busy() for busy in self._busy) or seen != (self._count, self._passed):
                return False
            still = still + 1 if self._called == called + 1 else 0
            if still == _STILL_FOR:
                return True
        return True
