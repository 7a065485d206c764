"""Sends a prepared task's billed call, once, and keeps every step of it before the next."""

from __future__ import annotations

import logging
import random

from attrs import evolve

from taskferry.accounts import Account, Accounts
from taskferry.adapter import Accepted, Request
from taskferry.errors import Failure, FailureKind, LedgerError, TaskferryError, TaskTaken
from taskferry.exchange import NotReceived, Refused, SubmitOutcome, Unconfirmed, pack, submit
from taskferry.ledger.record import Record
from taskferry.machine import observe, step
from taskferry.poller.books import Books
from taskferry.poller.limits import Gate
from taskferry.poller.regaining import regain
from taskferry.poller.watched import Watched
from taskferry.reply import Reply
from taskferry.status import Status
from taskferry.task import Snapshot
from taskferry.text import clean

log = logging.getLogger("taskferry")

TRIES = 5
"""How often a create that never reached the provider is tried before the task ends as refused."""
_FIRST_PAUSE = 0.5
_FULL_PAUSE = 2.0
"""Seconds to wait when a provider says that it takes no more and not for how long."""


class _Unwanted(TaskferryError):
    """A wish to cancel came before the billed call left."""


class _Journal:
    def __init__(self, books: Books, task: Watched) -> None:
        self._books = books
        self._task = task

    async def sending(self) -> None:
        if not await self._books.leave(self._task):
            raise _Unwanted("The job is to be cancelled, so it is not sent.")

    async def replied(self, reply: Reply) -> None:
        try:
            await self._books.write(self._task, self._task.snapshot, create_reply=pack(reply))
        except LedgerError as error:
            # The reply is in hand: what it says is written, and tried again until it is, right after this.
            log.error(
                "%s: the raw reply could not be kept: %s",
                self._task.record.id,
                error,
                extra={"task": self._task.record.id},
            )


def request_for(account: Account, record: Record) -> Request:
    """Give a kept job as the adapter sees it."""
    known = {operation.name: operation for operation in account.adapter.operations}
    return Request(task_id=record.id, operation=known[record.job.operation], parameters=dict(record.job.parameters))


async def submit_task(task: Watched, books: Books, accounts: Accounts, gate: Gate) -> float:
    """Submit a prepared task; give the seconds after which it wants attention again."""
    account = accounts.of(task.record.job)
    if _unwanted(task):
        return await _cancelled(task, books)
    now = books.clock.monotonic()
    wait = gate.slot(now)
    if wait > 0:  # those who wait for the rate come back one after another, the others by chance
        return wait + (random.random() if gate.tight(now) else 0.0)  # noqa: S311 -- jitter, not a secret
    task.flight.attempts += 1
    request = request_for(account, task.record)
    outcome = await submit(account.adapter, request, accounts.wire(account), _Journal(books, task))
    if _unwanted(task) and not isinstance(outcome, Unconfirmed):  # the wish came during the calls before the create
        return await _cancelled(task, books)
    if isinstance(outcome, NotReceived):
        return await _later(task, books, gate, outcome.failure)
    await _settle(task, books, outcome)
    return 0.0


def _unwanted(task: Watched) -> bool:
    """Tell whether a wish to cancel stands for a job that was not sent."""
    return task.snapshot.status is Status.PREPARED and task.snapshot.cancel_wanted


async def _cancelled(task: Watched, books: Books) -> float:
    """End a task that was not sent; what it had reserved is free again."""
    await books.write(task, step(task.snapshot, Status.CANCELLED, books.clock.now()), note="cancelled before sending")
    return 0.0


async def _settle(task: Watched, books: Books, outcome: SubmitOutcome) -> None:
    now = books.clock.now()
    match outcome:
        case Accepted():
            await _keep_accepted(task, books, outcome, now)
        case Refused():
            await books.write(task, evolve(step(task.snapshot, Status.REFUSED, now), failure=outcome.failure))
        case Unconfirmed():
            if task.snapshot.status is Status.PREPARED:  # a call went out that is not what the adapter says it is
                await books.insist(task, step(task.snapshot, Status.SUBMITTING, now))
            await books.insist(task, evolve(step(task.snapshot, Status.UNCONFIRMED, now), failure=outcome.failure))


async def _keep_accepted(task: Watched, books: Books, outcome: Accepted, now: float) -> None:
    """Keep the handle of a job that exists, also in a row that was taken for lost meanwhile."""
    try:
        await books.insist(task, accepted(task.snapshot, outcome, now), remote=outcome.remote)
    except TaskTaken:
        if not await regain(task, books):
            raise
    else:
        return
    try:
        await books.insist(task, accepted(task.snapshot, outcome, now), remote=outcome.remote)
    except TaskTaken as error:  # another task has this job
        if task.snapshot.status is Status.UNCONFIRMED:
            raise
        await books.insist(task, _unconfirmed(task, FailureKind.CONFLICT, f"Its answer is unclear: {error}", now))


def _unconfirmed(task: Watched, kind: FailureKind, message: str, now: float) -> Snapshot:
    return evolve(step(task.snapshot, Status.UNCONFIRMED, now), failure=Failure.of(kind, message))


def accepted(snapshot: Snapshot, outcome: Accepted, now: float) -> Snapshot:
    """Apply what an accepted create said."""
    costed = evolve(snapshot, cost=snapshot.cost.updated(outcome.cost), next_try_at=None, failure=None)
    seen = outcome.observation
    if seen is None or seen.status is None or seen.status is Status.QUEUED:
        costed = step(costed, Status.QUEUED, now)
    try:
        return costed if seen is None else observe(costed, seen, now, now)
    except Exception as error:  # noqa: BLE001 -- the job exists and is paid for: its handle is kept, a look tells the rest
        name = type(error).__name__
        log.warning(
            "%s: what the create reply says of the job is not used: %s: %s",
            snapshot.id,
            name,
            clean(error),
            extra={"task": snapshot.id},
        )
        return step(snapshot, Status.QUEUED, now) if costed.status is snapshot.status else costed


async def _later(task: Watched, books: Books, gate: Gate, failure: Failure) -> float:
    """Put a create that was not taken back to prepared; end it when it never reached the provider again and again."""
    now = books.clock.now()
    if failure.kind is FailureKind.RATE_LIMITED:
        pause = _FULL_PAUSE if failure.retry_after is None else min(max(failure.retry_after, 0.1), 300.0)
        gate.full(books.clock.monotonic(), pause)
    else:
        pause = _FIRST_PAUSE * 2.0 ** (task.flight.attempts - 1) if failure.retry_after is None else failure.retry_after
        if task.flight.attempts >= TRIES:
            ended = evolve(failure, kind=FailureKind.NOT_SENT, message=f"{failure.message} Nothing was sent or billed.")
            await books.write(task, evolve(step(task.snapshot, Status.REFUSED, now), failure=ended))
            return 0.0
    back = task.snapshot
    if back.status is Status.SUBMITTING:
        back = step(back, Status.PREPARED, now)
    await books.write(
        task, evolve(back, next_try_at=now + pause, failure=failure), note=f"not taken: {failure.message}"
    )
    return pause
