"""Applies what a look brought back to the task's row, whoever looked."""

from __future__ import annotations

import logging

from attrs import evolve

from taskferry.errors import AdapterError, FailureKind, ProviderError, TaskferryError, WireError
from taskferry.ledger.history import Seen
from taskferry.machine import observe
from taskferry.poller.books import Books
from taskferry.poller.calibration import half_way
from taskferry.poller.watched import Watched
from taskferry.status import Status
from taskferry.task import Observation, Snapshot

log = logging.getLogger("taskferry")

MISSING_AT_MOST = 4
"""Looks in a row answered with 401, 403 or 404 before a task is parked; a new job may take a moment to show."""
MISSING_FOR = 60.0
"""Seconds for which a job may stay invisible."""
NOTED_FROM = 2
"""Failed looks in a row from which on the row says so, for whoever reads it in another process."""
_LONGEST_PAUSE = 120.0
_LONGEST_HINT = 300.0


async def apply(task: Watched, books: Books, seen: Observation, asked_at: float) -> float | None:
    """Apply an observation and write what changed; give the pause that the provider asks for, if any."""
    flight = task.flight
    if seen.status is None and seen.provider_status != task.snapshot.provider_status:
        log.warning(
            "%s: the word %r is new to the adapter; the status stays",
            flight.id,
            seen.provider_status,
            extra={"task": flight.id},
        )
    sample = flight.sample_progress, flight.sample_age
    ran = books.clock.monotonic() - flight.since if flight.status is Status.RUNNING else None
    last, flight.asked_at = flight.asked_at, max(flight.asked_at, asked_at)
    now = books.clock.now()
    try:
        after = observe(task.snapshot, seen, asked_at, now)
    except AdapterError as error:
        return await look_failed(task, books, error)
    if after is not task.snapshot:
        flight.written_at = asked_at
        learned = took(after, now, (last + asked_at) / 2 if last else asked_at, ran, sample)
        since = last or after.submitted_at
        shown = Seen(looks=flight.looks, late=None if since is None else max(now - since, 0.0))
        await books.write(task, after, took=learned, seen=shown)
    well(task)
    return seen.retry_after


async def note_look(task: Watched, books: Books, asked_at: float) -> None:
    """Write down a look that showed nothing new: that it was, and that looking works again."""
    task.flight.written_at = asked_at
    await books.write(task, evolve(task.snapshot, looked_at=task.asking_at(asked_at), look_problem=None))
    well(task)


def well(task: Watched) -> None:
    """Forget the failures of earlier looks."""
    task.flight.errors = task.flight.missing = 0
    task.look_problem = None


async def look_failed(task: Watched, books: Books, error: TaskferryError) -> float:
    """Count a look that failed; give the seconds until the next one.

    A failed look is not a failed task: the task goes on, and is parked only when the provider keeps denying it.
    """
    flight = task.flight
    failure = error.failure if isinstance(error, ProviderError) else None
    reason = str(error if failure is None else failure)
    flight.errors += 1
    task.look_problem = reason
    if flight.errors in (1, 10, 100):
        log.warning("%s: look %d in a row failed: %s", flight.id, flight.errors, reason, extra={"task": flight.id})
    if failure is not None and failure.kind in (FailureKind.AUTH, FailureKind.FORBIDDEN, FailureKind.NOT_FOUND):
        flight.missing += 1
        age = books.clock.now() - (task.snapshot.submitted_at or task.snapshot.created_at)
        if flight.missing >= MISSING_AT_MOST and (age > MISSING_FOR or failure.kind is not FailureKind.NOT_FOUND):
            await books.park(task, f"The provider keeps answering: {failure}")
    if flight.errors >= NOTED_FROM and not flight.noted and not task.snapshot.parked:
        await books.write(task, evolve(task.snapshot, look_problem=reason))
    pause = min(_LONGEST_PAUSE, 2.0 ** min(flight.errors - 1, 7))
    after = None if failure is None else failure.retry_after
    return pause if after is None else max(pause, min(after, _LONGEST_HINT))


def is_limited(error: TaskferryError) -> bool:
    """Tell whether the provider answered "too many", which holds for the account's other looks as well."""
    return isinstance(error, ProviderError) and error.failure.kind is FailureKind.RATE_LIMITED


def is_down(error: TaskferryError) -> bool:
    """Tell whether a look shows that its host is not well."""
    if isinstance(error, ProviderError):
        return error.failure.kind is FailureKind.UNAVAILABLE
    return isinstance(error, WireError)


def is_due_to_keep(task: Watched) -> bool:
    """Tell whether a task has results that were not kept yet."""
    return task.snapshot.status is Status.SUCCEEDED and not task.snapshot.kept


def took(
    after: Snapshot, now: float, ended: float, ran: float | None, sample: tuple[float, float]
) -> tuple[float, float, float | None] | None:
    """Give what a run that succeeded teaches: seconds queued, seconds run, and when its progress was at one half.

    It ended, in epoch seconds, somewhere between the look before and the one that showed it; the middle is the best
    guess. `ran` are the seconds from the run's beginning to `now`, None where it was never seen running. A run whose
    acceptance nobody saw teaches nothing, nor does one over which the wall clock jumped.
    """
    accepted = after.submitted_at
    if after.status is not Status.SUCCEEDED or accepted is None or after.run > 1:
        return None
    whole = ended - accepted
    run = whole if ran is None else min(ran - (now - ended), whole)
    if whole <= 0 or run <= 0:
        return None
    return whole - run, run, half_way(*sample, run)
