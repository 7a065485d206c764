"""Looks at a task at its provider and applies what it saw."""

from __future__ import annotations

import logging

from attrs import evolve, frozen

from taskferry.accounts import Account, Accounts
from taskferry.adapter import Cancels
from taskferry.errors import AdapterError, FailureKind, ProviderError, TaskferryError, WireError
from taskferry.exchange import fetch, run
from taskferry.machine import observe
from taskferry.poller.books import Books
from taskferry.poller.watched import Watched
from taskferry.status import Status
from taskferry.task import CancelOutcome, Observation

log = logging.getLogger("taskferry")

MISSING_AT_MOST = 4
"""Looks in a row answered with 401, 403 or 404 before a task is parked; a new job may take a moment to show."""
MISSING_FOR = 60.0
"""Seconds for which a job may stay invisible."""
LOOK_WRITTEN_EVERY = 30.0
"""Seconds after which an unchanged look is written down, so that front doors can tell its age."""
_LONGEST_PAUSE = 120.0


@frozen(kw_only=True)
class Look:
    """What a look brought back."""

    asked_at: float
    """Epoch seconds at which it left."""
    result: Observation | TaskferryError


async def look_alone(task: Watched, account: Account, books: Books, accounts: Accounts) -> Look:
    """Look at one task."""
    asked_at = task.asking_at(books.clock.now())
    try:
        seen = await fetch(account.adapter, task.record.remote, accounts.wire(account))
    except (ProviderError, WireError, AdapterError) as error:
        return Look(asked_at=asked_at, result=error)
    return Look(asked_at=asked_at, result=seen)


async def look_at(task: Watched, books: Books, accounts: Accounts, look: Look | None = None) -> float | None:
    """Look once, or take what a batch brought back; give the pause asked for, None to follow the schedule.

    A failed look is not a failed task: the task goes on, and is parked only when the provider keeps denying it.
    """
    account = accounts.of(task.record.job)
    task.looks += 1
    task.handled = True
    look = look or await look_alone(task, account, books, accounts)
    seen = look.result
    if isinstance(seen, ProviderError):
        return await _denied(task, books, seen)
    if isinstance(seen, TaskferryError):
        return _failed(task, str(seen), None)
    task.errors = task.missing = 0
    task.look_problem = None
    await apply(task, books, seen, look.asked_at)
    if task.snapshot.cancel_wanted and task.snapshot.status.watched:
        await cancel_at_provider(task, account, accounts)
    return seen.retry_after


async def apply(task: Watched, books: Books, seen: Observation, asked_at: float) -> None:
    """Apply an observation, whoever brought it; write only what changed."""
    if seen.status is None and seen.provider_status != task.snapshot.provider_status:
        log.warning("%s: the word %r is new to the adapter; the status stays", task.snapshot.id, seen.provider_status)
    task.asked_at = max(task.asked_at, asked_at)
    now = books.clock.now()
    try:
        after = observe(task.snapshot, seen, asked_at, now)
    except AdapterError as error:
        _failed(task, str(error), None)
        return
    if after is not task.snapshot:
        task.written_at = asked_at
        await books.write(task, after)
    elif asked_at - task.written_at > LOOK_WRITTEN_EVERY and not after.status.terminal:
        task.written_at = asked_at
        await books.write(task, evolve(after, looked_at=asked_at))


def _failed(task: Watched, reason: str, retry_after: float | None) -> float:
    task.errors += 1
    task.look_problem = reason
    if task.errors in (1, 10, 100):
        log.warning("%s: look %d in a row failed: %s", task.snapshot.id, task.errors, reason)
    pause = min(_LONGEST_PAUSE, 2.0 ** min(task.errors - 1, 7))
    return pause if retry_after is None else max(pause, min(retry_after, 300.0))


async def _denied(task: Watched, books: Books, error: ProviderError) -> float:
    failure = error.failure
    task.limited = failure.kind is FailureKind.RATE_LIMITED
    if failure.kind in (FailureKind.AUTH, FailureKind.FORBIDDEN, FailureKind.NOT_FOUND):
        task.missing += 1
        age = books.clock.now() - (task.snapshot.submitted_at or task.snapshot.created_at)
        if task.missing >= MISSING_AT_MOST and (age > MISSING_FOR or failure.kind is not FailureKind.NOT_FOUND):
            await books.park(task, f"The provider keeps answering: {failure}")
    return _failed(task, str(failure), failure.retry_after)


async def cancel_at_provider(task: Watched, account: Account, accounts: Accounts) -> CancelOutcome:
    """Ask the provider to stop a job."""
    adapter = account.adapter
    if not isinstance(adapter, Cancels):
        return CancelOutcome.UNSUPPORTED
    try:
        outcome, _ = await run(adapter.cancel(task.record.remote), accounts.wire(account), adapter.failure)
    except WireError as error:
        log.warning("%s: the answer to cancelling was lost: %s", task.snapshot.id, error)
        return CancelOutcome.UNKNOWN
    except ProviderError as error:
        log.warning("%s: the provider would not cancel: %s", task.snapshot.id, error)
        conflict = error.failure.kind in (FailureKind.CONFLICT, FailureKind.NOT_FOUND)
        return CancelOutcome.TOO_LATE if conflict else CancelOutcome.UNKNOWN
    return outcome


def is_due_to_keep(task: Watched) -> bool:
    """Tell whether a task has results that were not kept yet."""
    return task.snapshot.status is Status.SUCCEEDED and not task.snapshot.kept
