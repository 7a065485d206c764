"""Follows every open task, and those that join them while it runs, whichever process submits them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from taskferry.cli import output
from taskferry.errors import LedgerError, TaskferryError
from taskferry.text import clean

if TYPE_CHECKING:
    from taskferry.ferry import Ferry
    from taskferry.handle import FerryTask
    from taskferry.ledger.record import Record

Wait: TypeAlias = "Callable[[FerryTask, float | None], Awaitable[object]]"
"""Shows one task until it ends or so many seconds are over."""

EVERY = 1.0
"""Seconds between two questions to the ledger whether there is a new task; it costs one number while there is none."""


class Watching:
    """The tasks that are shown; one that was parked and goes on is shown again."""

    def __init__(self, ferry: Ferry, tasks: list[FerryTask], wait: Wait, *, timeout: float | None) -> None:
        """Take the tasks to begin with; those that join them are added to that list."""
        self._ferry = ferry
        self._tasks = tasks
        self._wait = wait
        self._clock = ferry.engine.clock
        self._begun = self._clock.now()
        self._end = None if timeout is None else self._clock.monotonic() + timeout
        self._waits: dict[str, asyncio.Task[None]] = {}
        self._open = 0
        self._idle = asyncio.Event()
        """Set while nothing is waited for."""
        self._idle.set()
        for task in tasks:
            self._follow(task)

    async def run(self, *, endless: bool) -> None:
        """Watch until every task has ended, or for ever; never longer than the timeout."""
        follower = await asyncio.to_thread(self._ferry.ledger.follower)
        try:
            await self._join([record.id for record in await self._ferry.engine.call(self._ferry.ledger.unfinished)])
            while (endless or self._open) and (left := self._left()) > 0 and not self._failed():
                await self._clock.wait(asyncio.Event() if endless else self._idle, min(EVERY, left))
                await self._join(await asyncio.to_thread(follower.news))
            await asyncio.gather(*self._waits.values())
        finally:
            for wait in self._waits.values():
                wait.cancel()
            await asyncio.gather(*self._waits.values(), return_exceptions=True)
            await asyncio.to_thread(follower.close)

    def _left(self) -> float:
        return math.inf if self._end is None else max(self._end - self._clock.monotonic(), 0.0)

    def _failed(self) -> bool:
        return any(wait.done() and wait.exception() for wait in self._waits.values())

    async def _join(self, task_ids: list[str]) -> None:
        for task_id in task_ids:
            waiting = self._waits.get(task_id)
            if waiting is not None and not waiting.done():
                continue
            try:
                record = await self._ferry.engine.call(self._ferry.ledger.get, task_id)
                if self._wanted(record, known=waiting is not None):
                    task = await self._ferry.resume(task_id)
                    self._follow(task)
                    self._tasks[:] = [old for old in self._tasks if old.id != task_id] + [task]
            except LedgerError:
                raise
            except TaskferryError as error:
                output.note(f"{task_id} is not shown: {clean(error)}")

    def _wanted(self, record: Record, *, known: bool) -> bool:
        snapshot = record.snapshot
        if snapshot.status.terminal:
            return not known and snapshot.created_at >= self._begun
        return not snapshot.parked

    def _follow(self, task: FerryTask) -> None:
        self._open += 1
        self._idle.clear()
        seconds = None if self._end is None else self._left()
        self._waits[task.id] = asyncio.create_task(self._waited(task, seconds))

    async def _waited(self, task: FerryTask, seconds: float | None) -> None:
        try:
            await self._wait(task, seconds)
        finally:
            self._open -= 1
            if not self._open:
                self._idle.set()
