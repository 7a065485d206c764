"""Carries work into the loop of a ferry from wherever a framework calls: another loop, or a plain thread."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias, TypeVar

from taskferry.errors import UsageError
from taskferry.task import Snapshot
from taskferry.tools.definition import Progress

T = TypeVar("T")
Work: TypeAlias = "Callable[[Progress | None], Coroutine[Any, Any, T]]"
"""Makes the work to do, given whom to tell its progress."""


class Bridge:
    """The way into one loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    async def run(self, work: Work[T], progress: Progress | None = None) -> T:
        """Do the work in the ferry's loop; in the caller's own task where that is the same loop."""
        here = asyncio.get_running_loop()
        if here is self._loop:
            return await work(progress)
        told = None if progress is None else lambda snapshot: here.call_soon_threadsafe(progress, snapshot)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(_told(told)), self._loop))

    def run_sync(self, work: Work[T], progress: Progress | None = None) -> T:
        """Do the work in the ferry's loop while this thread waits, and is told the progress."""
        if _running_loop() is self._loop:
            raise UsageError("In the ferry's own loop a call without await would wait for itself: use `await call`.")
        news: queue.SimpleQueue[Snapshot | None] = queue.SimpleQueue()
        future = asyncio.run_coroutine_threadsafe(work(None if progress is None else news.put), self._loop)
        future.add_done_callback(lambda _: news.put(None))
        try:
            while (snapshot := news.get()) is not None:
                if progress is not None:
                    progress(snapshot)
            return future.result()
        except BaseException:
            future.cancel()
            raise


def _told(tell: Callable[[Snapshot], object] | None) -> Progress | None:
    if tell is None:
        return None

    def told(snapshot: Snapshot) -> None:
        tell(snapshot)

    return told


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
