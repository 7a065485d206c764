"""The one poller of a process: a schedule of all its tasks, and a turn for each when it is due."""

from __future__ import annotations

import asyncio
import heapq
import logging
import random
from collections.abc import Sequence

from taskferry.accounts import Accounts
from taskferry.artifacts import Store
from taskferry.clock import Clock
from taskferry.errors import LedgerError, TaskferryError, TaskTaken
from taskferry.ledger.record import Record
from taskferry.operation import Typical
from taskferry.poller.batching import grouped, look_at_many
from taskferry.poller.books import Books
from taskferry.poller.deadlines import overdue
from taskferry.poller.keeping import keep_files
from taskferry.poller.limits import Bucket, Gate
from taskferry.poller.looking import Look, is_due_to_keep, look_at
from taskferry.poller.next_look import Limits, next_look
from taskferry.poller.recovering import recover
from taskferry.poller.submitting import submit_task
from taskferry.poller.watched import Watched
from taskferry.status import Status
from taskferry.text import clean

log = logging.getLogger("taskferry")

FOLLOW_EVERY = 0.5
"""Seconds between reads of a row that another process drives."""
_TURNS_AT_ONCE = 64


class Poller:
    """Drives every task of this process until it ends, is parked, or the process stops."""

    def __init__(
        self,
        books: Books,
        accounts: Accounts,
        store: Store,
        *,
        keep: bool = True,
        limits: Limits | None = None,
    ) -> None:
        self._books = books
        self._accounts = accounts
        self._store = store
        self._keep = keep
        self._limits = limits or Limits()
        self._clock: Clock = books.clock
        self._tasks: dict[str, Watched] = {}
        self._due: list[tuple[float, int, str]] = []
        self._count = 0
        self._wake = asyncio.Event()
        self._turns: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(_TURNS_AT_ONCE)
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._gates: dict[tuple[str, str], Gate] = {}
        self._loop: asyncio.Task[None] | None = None

    def watch(self, record: Record, typical: Typical, *, foreign: bool = False) -> Watched:
        """Take a task into the schedule, to be looked after at once; give the one already there, if there is one."""
        task = self._tasks.get(record.id)
        if task is None:
            task = Watched(record, typical, foreign=foreign, since=self._clock.monotonic())
            self._tasks[record.id] = task
        elif not task.busy:
            task.foreign = foreign
            self._books.publish(task, record, task.snapshot)
        self.attend(task)
        return task

    def known(self, task_id: str) -> Watched | None:
        """Give a task that this process has in hand."""
        return self._tasks.get(task_id)

    def attend(self, task: Watched, seconds: float = 0.0) -> None:
        """Give a task a turn after so many seconds."""
        self._count += 1
        task.ticket = self._count
        task.pause = max(seconds, 0.0)
        task.due = self._clock.monotonic() + task.pause
        heapq.heappush(self._due, (task.due, self._count, task.record.id))
        self._wake.set()
        if self._loop is None:
            self._loop = asyncio.create_task(self._run(), name="taskferry-poller")

    async def close(self, patience: float = 10.0) -> None:
        """Stop looking; let billed calls that are under way come back, and give every task up for others to resume."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        sending = {turn for turn in self._turns if turn.get_name().startswith("submit")}
        for turn in self._turns - sending:
            turn.cancel()
        if self._turns:
            await asyncio.wait(self._turns, timeout=patience)
        for turn in list(self._turns):
            turn.cancel()
        await asyncio.gather(*self._turns, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            now = self._clock.monotonic()
            due: list[Watched] = []
            while self._due and self._due[0][0] <= now:
                _, ticket, task_id = heapq.heappop(self._due)
                task = self._tasks.get(task_id)
                if task is not None and task.ticket == ticket and not task.busy:
                    due.append(task)
            for tasks in grouped(due, self._tasks.values(), self._accounts, now):
                self._begin(tasks)
            await self._clock.wait(self._wake, self._due[0][0] - now if self._due else None)

    def _begin(self, tasks: Sequence[Watched]) -> None:
        for task in tasks:
            task.busy = True
        kind = "submit" if tasks[0].snapshot.status is Status.PREPARED else "look"
        work = self._turn(tasks[0]) if len(tasks) == 1 else self._turns_together(tasks)
        turn = asyncio.create_task(work, name=f"{kind} {tasks[0].record.id}")
        self._turns.add(turn)
        turn.add_done_callback(self._turns.discard)

    async def _turns_together(self, tasks: Sequence[Watched]) -> None:
        async with self._places:
            looks = await look_at_many(tasks, self._books, self._accounts)
        await asyncio.gather(*(self._turn(task, look) for task, look in zip(tasks, looks, strict=True)))

    async def _turn(self, task: Watched, look: Look | None = None) -> None:
        pause: float | None = None
        try:
            async with self._places:
                pause = await self._attended(task, look)
        except TaskTaken as error:
            log.info("%s: %s", task.record.id, error)
            task.foreign, pause = True, FOLLOW_EVERY
        except LedgerError as error:
            pause = self._ledger_failed(task, error)
        except TaskferryError as error:
            pause = await self._parked(task, str(error))
        except Exception as error:  # one task's fault must neither stop the others nor leave its waiters hanging
            log.exception("%s: a turn failed", task.record.id)
            pause = await self._parked(task, f"An error inside taskferry or a plugin: {type(error).__name__}: {error}")
        finally:
            task.busy = False
            task.handled = True
            task.beat()
        if pause is not None:
            self.attend(task, pause)
        else:
            await self._let_go(task)

    async def _parked(self, task: Watched, reason: str) -> float | None:
        try:
            await self._books.park(task, clean(reason))
        except LedgerError as error:
            return self._ledger_failed(task, error)
        return None

    def _ledger_failed(self, task: Watched, error: LedgerError) -> float:
        task.errors += 1
        pause = min(60.0, 2.0**task.errors)
        log.error("%s: the ledger cannot be written, going on in %.0f s: %s", task.record.id, pause, error)
        return pause

    async def _let_go(self, task: Watched) -> None:
        """Give up a task that nothing more happens to by itself, so that any process may take it."""
        self._tasks.pop(task.record.id, None)
        if not task.foreign:
            await self._books.thread.call(self._books.ledger.release, task.record.id)
        task.beat()

    async def _attended(self, task: Watched, look: Look | None) -> float | None:
        if task.foreign:
            return await self._follow(task)
        if task.snapshot.status is Status.SUBMITTING:
            await recover(task, self._books, self._accounts)
        snapshot = task.snapshot
        if snapshot.parked or snapshot.status is Status.UNCONFIRMED:
            return None
        if snapshot.status is Status.PREPARED or snapshot.status.watched:
            start = task.began if snapshot.status is Status.PREPARED else task.since
            reason = overdue(snapshot.status, task.typical, self._clock.monotonic() - start)
            if reason is not None:
                await self._books.park(task, reason)
                return None
        place = (snapshot.provider, task.record.job.account)
        if snapshot.status is Status.PREPARED:
            pause = await submit_task(task, self._books, self._accounts, self._gates.setdefault(place, Gate()))
            return await self._after(task, pause)
        if snapshot.status.watched:
            free = look is not None or task.reserved
            wait = 0.0 if free else self._bucket(task, place).take(self._clock.monotonic())
            task.reserved = wait > 0
            if task.reserved:
                return wait
            asked = await look_at(task, self._books, self._accounts, look)
            if task.limited:  # the account's other looks would be turned away as well
                task.limited = False
                self._bucket(task, place).close(self._clock.monotonic() + (asked or 1.0))
            return await self._after(task, asked)
        return await self._after(task, None)

    async def _after(self, task: Watched, asked: float | None) -> float | None:
        snapshot = task.snapshot
        if snapshot.parked or snapshot.status is Status.UNCONFIRMED:
            return None
        if snapshot.status is Status.PREPARED:
            return asked or 0.0
        if snapshot.status.watched:
            if task.errors:
                return (asked or 1.0) * random.uniform(0.8, 1.2)  # noqa: S311 -- jitter, not a secret
            age = self._clock.monotonic() - task.since
            spread = random.random()  # noqa: S311 -- jitter, not a secret
            return next_look(age, snapshot, task.typical, self._limits, retry_after=asked, spread=spread)
        if self._keep and is_due_to_keep(task):
            task.attempts = 0 if task.keep_failed is None else task.attempts
            return await keep_files(task, self._books, self._accounts, self._store)
        return None

    def _bucket(self, task: Watched, place: tuple[str, str]) -> Bucket:
        if place not in self._buckets:
            service = self._accounts.of(task.record.job).adapter.service
            self._buckets[place] = Bucket(service.requests_per_minute)
        return self._buckets[place]

    async def _follow(self, task: Watched) -> float | None:
        """Read the row that another process drives; take the task over once that process is gone."""
        ledger, thread = self._books.ledger, self._books.thread
        record = await thread.call(ledger.get, task.record.id)
        self._books.publish(task, record, task.snapshot)
        task.handled = True
        if record.snapshot.status.terminal and (record.snapshot.kept or not self._keep):
            return None
        held = await thread.call(ledger.is_held_elsewhere, record)
        if held or record.snapshot.parked:
            return FOLLOW_EVERY if held else None
        task.record = await thread.call(ledger.claim, record.id)
        task.foreign = False
        return 0.0
