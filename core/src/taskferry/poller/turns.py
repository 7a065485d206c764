"""What a task needs beside looks: to be submitted, recovered, followed, cancelled, parked, and its files kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from taskferry.accounts import Accounts
from taskferry.artifacts import Store
from taskferry.ledger.protocol import TellsOfChanges
from taskferry.poller.account_queue import AccountQueue
from taskferry.poller.books import Books
from taskferry.poller.cancelling import cancel_at_provider
from taskferry.poller.flight import Flight
from taskferry.poller.keeping import keep_files
from taskferry.poller.looking import is_due_to_keep
from taskferry.poller.looks import Looks
from taskferry.poller.mishaps import FOLLOW_EVERY, FOLLOW_TOLD, log, survived
from taskferry.poller.recovering import recover
from taskferry.poller.submitting import submit_task
from taskferry.poller.watched import Watched
from taskferry.status import Status


class Turns:
    """Gives each task the turn that its status asks for."""

    def __init__(
        self,
        books: Books,
        accounts: Accounts,
        store: Store,
        looks: Looks,
        opened: Callable[[Flight], Awaitable[Watched]],
        queue_of: Callable[[Watched], AccountQueue],
        problem_of: Callable[[Flight], str | None],
        pause_of: Callable[[Flight, float | None], float],
        *,
        keep: bool,
    ) -> None:
        self._books = books
        self._accounts = accounts
        self._store = store
        self._looks = looks
        self._opened = opened
        self._queue_of = queue_of
        self._problem_of = problem_of
        self._pause_of = pause_of
        self._keep = keep

    async def take(self, flight: Flight) -> float | None:
        """Do what is next; give the seconds until the following turn, None when nothing more happens by itself."""
        try:
            return await self._attended(await self._opened(flight))
        except Exception as error:  # noqa: BLE001 -- one task's fault must neither stop others nor leave waiters hanging
            return await survived(flight, self._opened, self._books, error)

    async def let_go(self, flight: Flight) -> bool:
        """Give up a task that nothing more happens to, so that any process may take it; say if that worked."""
        if not flight.foreign:
            try:
                await self._books.thread.write(self._books.ledger.release, flight.id)
            except Exception as error:  # noqa: BLE001 -- whatever it was, it is tried again, and waiters hear of the end
                log.error(
                    "%s: it cannot be given up for others yet: %s: %s",
                    flight.id,
                    type(error).__name__,
                    error,
                    extra={"task": flight.id},
                )
                return False
        return True

    async def _attended(self, task: Watched) -> float | None:
        flight = task.flight
        if flight.foreign:
            return await self._follow(task)
        if task.snapshot.status is Status.SUBMITTING:
            await recover(task, self._books, self._accounts)
        if task.snapshot.parked or task.snapshot.status is Status.UNCONFIRMED:
            return None
        if task.snapshot.status is Status.PREPARED or task.snapshot.status.watched:
            if await self._overdue(task):
                return None
            pause = await self._driven(task, self._queue_of(task))
            if pause is not None:
                return pause
        if self._keep and is_due_to_keep(task):
            return await keep_files(task, self._books, self._accounts, self._store)
        return None

    async def _overdue(self, task: Watched) -> bool:
        """Park a task whose deadline has passed; nothing is held against it while looks do not get through."""
        flight, now = task.flight, self._books.clock.monotonic()
        if now < flight.deadline:
            return False
        if flight.status.watched:
            await self._looks.one(flight, self._queue_of(task))  # it may have ended while this process stood still
            if now < flight.deadline or task.snapshot.parked or not task.snapshot.status.watched:
                return bool(task.snapshot.parked)
            if flight.errors or flight.noted or self._problem_of(flight):
                flight.deadline = now + flight.deadlines.stall
                return False
        await self._books.park(task, flight.deadlines.reason(flight.status, now - flight.counted_from))
        return True

    async def _driven(self, task: Watched, queue: AccountQueue) -> float | None:
        """Bring a task that has not ended a step further; None once it has."""
        if task.snapshot.status is Status.PREPARED:
            pause = await submit_task(task, self._books, self._accounts, queue.gate)
            return pause if task.flight.status is Status.PREPARED else self._next(task, None)
        if not task.snapshot.cancel_wanted:
            return 0.0  # it goes to the looks of its account, at once
        asked = await self._looks.one(task.flight, queue)
        if task.flight.status.watched and not task.snapshot.parked:
            await cancel_at_provider(task, queue.account, self._accounts)
        return self._next(task, asked)

    def _next(self, task: Watched, asked: float | None) -> float | None:
        going_on = task.flight.status.watched and not task.snapshot.parked
        return self._pause_of(task.flight, asked) if going_on else None

    async def _follow(self, task: Watched) -> float | None:
        """Read the row that another process drives; take the task over once that process is gone."""
        ledger, thread, flight = self._books.ledger, self._books.thread, task.flight
        record = await thread.call(ledger.get, flight.id)
        self._books.publish(task, record, task.snapshot)
        if record.snapshot.status.terminal and (record.snapshot.kept or not self._keep):
            return None
        if await thread.call(ledger.is_held_elsewhere, record):
            return self._again()
        if record.snapshot.parked:
            return None
        if record.holder != ledger.holder and await thread.call(ledger.is_left, record):
            return self._again()
        claimed = await thread.write(ledger.claim, record.id)
        flight.foreign = False
        task.replace(claimed, self._books.clock.monotonic())
        return 0.0

    def _again(self) -> float:
        """Give the seconds until a row is read again that another process drives."""
        ledger = self._books.ledger
        return FOLLOW_TOLD if isinstance(ledger, TellsOfChanges) and ledger.is_telling else FOLLOW_EVERY
