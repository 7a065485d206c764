"""The ledger from an event loop: calls run one after another on a thread, and writes that wait share a commit."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import MethodType
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

from taskferry.errors import LedgerError
from taskferry.ledger.forking import watch
from taskferry.ledger.group import Call, Outcome

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger("taskferry")

_MOST = 512
"""Writes of one transaction at most: no caller, and no other process that writes, waits long for it."""
_SLICE = 64
"""Callers that are woken at a time: between two slices the loop does what else is due."""

_Job: TypeAlias = "tuple[Call, Any, asyncio.Future[Any]]"
"""What is to be done; whose write it is, None for a call that runs by itself; and who waits for it."""
_Done: TypeAlias = "tuple[asyncio.Future[Any], Outcome]"
"""Who waits, and what became of the call."""


class LedgerThread:
    """Runs blocking ledger calls off the loop, in the order in which they were asked for.

    What was begun is finished even if the caller is cancelled. A write never waits for company: it is written at once
    when the thread is idle, else together with all that came while the thread was busy.
    """

    def __init__(self) -> None:
        self._start()
        watch(self)

    def _start(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="taskferry-ledger")
        self._lock = threading.Lock()
        self._waiting: deque[_Job] = deque()
        self._asleep: dict[asyncio.AbstractEventLoop, deque[_Done]] = {}
        self._running = False
        self._closed = False

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[T]:
        """Run anything that reads, and give its result; it sees every write that was asked for before."""
        return self._asked(Call(function, args, kwargs), None)

    def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[T]:
        """Run a method of a ledger that writes, and give its result once it is kept; it raises what the method does."""
        return self._asked(Call(function, args, kwargs), cast("MethodType", function).__self__)

    @property
    def busy(self) -> bool:
        """Tell whether something that was asked for is not done yet."""
        return self._running

    def close(self) -> None:
        """Finish what was asked for and end the thread."""
        with self._lock:
            self._closed = True
        self._executor.shutdown(wait=True)

    def before_fork(self) -> None:
        """Come to rest; called by the interpreter."""
        self._lock.acquire()

    def after_fork(self, *, child: bool) -> None:
        """Go on; a child has none of the parent's threads, and what waits is the parent's to write."""
        self._lock.release()
        if child:
            self._start()

    def _asked(self, call: Call, ledger: Any) -> asyncio.Future[Any]:
        future = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._closed:
                raise LedgerError("The ledger was closed: open it again.")
            self._waiting.append((call, ledger, future))
            if not self._running:
                self._running = True
                self._executor.submit(self._work)
        return future

    def _work(self) -> None:
        while jobs := self._next():
            calls, ledger = [call for call, _, _ in jobs], jobs[0][1]
            outcomes = [calls[0].outcome()] if ledger is None else ledger.together(calls)
            self._deliver([future for _, _, future in jobs], outcomes)

    def _next(self) -> list[_Job]:
        """Take what is done in one go: one call, or the writes of one ledger up to the next call."""
        with self._lock:
            waiting, jobs = self._waiting, list[_Job]()
            self._running = bool(waiting)
            while waiting and len(jobs) < _MOST and (not jobs or waiting[0][1] is jobs[0][1] is not None):
                jobs.append(waiting.popleft())
            return jobs

    def _deliver(self, futures: Sequence[asyncio.Future[Any]], outcomes: Sequence[Outcome]) -> None:
        """Put callers behind those of their loops that are not awake yet."""
        loops = {future.get_loop() for future in futures}
        for loop in loops:
            pairs = zip(futures, outcomes, strict=True)
            with self._lock:
                is_waking = loop in self._asleep
                asleep = self._asleep.setdefault(loop, deque())
                asleep.extend(pairs if len(loops) == 1 else [pair for pair in pairs if pair[0].get_loop() is loop])
            if not is_waking:
                self._wake(loop)

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.call_soon_threadsafe(self._wake_slice, loop)
        except RuntimeError as error:  # the loop was closed: nobody waits any more
            log.debug("nobody waits for %d ledger calls any more: %s", len(self._asleep.pop(loop)), error)

    def _wake_slice(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake some of a loop's callers, and the others when it comes round again; called by the loop."""
        with self._lock:
            asleep = self._asleep[loop]
            awake = [asleep.popleft() for _ in range(min(_SLICE, len(asleep)))]
            if not asleep:
                del self._asleep[loop]
        for future, outcome in awake:
            _settle(future, outcome)
        if asleep:
            loop.call_soon(self._wake_slice, loop)


def _settle(future: asyncio.Future[Any], outcome: Outcome) -> None:
    result, error = outcome
    if future.cancelled():
        if error is not None:
            log.warning("a ledger call whose caller is gone failed: %s", error)
    elif error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
