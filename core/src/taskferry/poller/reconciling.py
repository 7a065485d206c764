"""Finds out what became of a task whose create reply was lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from attrs import evolve, frozen

from taskferry.accounts import Accounts
from taskferry.adapter import Candidate, ListsRecent, ReadsIds
from taskferry.errors import AdapterError, Failure, FailureKind, NotSent, ProviderError, ReplyLost, UsageError
from taskferry.exchange import ask, fetch
from taskferry.ledger.record import Record
from taskferry.machine import observe, step
from taskferry.poller.books import Books
from taskferry.poller.matching import Sending, job_of
from taskferry.poller.submitting import request_for
from taskferry.poller.watched import Watched
from taskferry.status import Status
from taskferry.task import JSON

OUT_AT_MOST = 150.0
"""Seconds that a billed call can be out, whenever its loss was noticed."""
_ALL = 1_000_000
_ASKED_AGAIN = 5
"""Times where the provider has no room."""
_TRIED_AGAIN = 2
"""Times where it is not reached, or is not well."""
_LONGEST_PAUSE = 30.0
T = TypeVar("T")


@frozen(kw_only=True)
class Reconciliation:
    """What reconciling found, with its evidence."""

    record: Record
    outcome: str
    """`adopted`, `absent`, `abandoned`, `ambiguous` or `nothing to do`."""
    explanation: str
    candidates: Sequence[Candidate] = ()
    """Jobs at the provider that could be this one."""


async def reconcile(task: Watched, books: Books, accounts: Accounts) -> Reconciliation:
    """Look for the job among the provider's latest, and adopt it if exactly one fits by prompt, type and time."""
    if task.snapshot.status is not Status.UNCONFIRMED:
        text = f"The task is {task.snapshot.status}; only an unconfirmed one has to be reconciled."
        return Reconciliation(record=task.record, outcome="nothing to do", explanation=text)
    account = accounts.of(task.record.job)
    adapter = account.adapter
    if not isinstance(adapter, ListsRecent):
        return _ambiguous(task, (), f"{task.snapshot.provider} offers no list of its latest jobs.")
    request = request_for(account, task.record)
    wire = accounts.wire(account)
    listed = await _patiently(lambda: ask(adapter.recent(request), wire, adapter.failure, (list, tuple)), books)
    if not all(isinstance(candidate, Candidate) for candidate in listed):
        raise AdapterError("The adapter's `recent` has to give Candidates, and gave something else among them.")
    mine = await _sending(task.record, books)
    # In this order: a call that made a listed job is a rival still, or else its job is taken by the time we ask.
    rivals = await _rivals(task.record, books)
    untaken = await _untaken(listed, task.record, books)
    found = job_of(mine, rivals, untaken)
    if found is not None:
        return await adopt(task, books, accounts, found.remote, "Exactly one job at the provider fits.")
    fitting = [candidate for candidate in untaken if mine.may_have_made(candidate)]
    if not fitting and adapter.recent_is_complete:
        failure = Failure.of(FailureKind.NOT_SENT, "The provider's complete list shows that the job was never made.")
        now = books.clock.now()
        await books.write(task, evolve(step(task.snapshot, Status.REFUSED, now), failure=failure))
        return Reconciliation(record=task.record, outcome="absent", explanation=failure.message)
    if not fitting:
        return _ambiguous(task, (), "No listed job fits, but the list is not known to be complete and immediate.")
    several = f"{len(fitting)} jobs fit" if len(fitting) > 1 else "A job fits, but other unconfirmed tasks as well"
    return _ambiguous(task, fitting, f"{several}, and nothing tells them apart for certain.")


async def adopt(task: Watched, books: Books, accounts: Accounts, remote: JSON, why: str) -> Reconciliation:
    """Take a job at the provider as this task's, after a look has shown that it exists."""
    account = accounts.of(task.record.job)
    asked_at = task.asking_at(books.clock.now())
    try:
        seen = await _patiently(lambda: fetch(account.adapter, remote, accounts.wire(account)), books)
    except ProviderError as error:
        if error.failure.retryable:
            raise
        raise UsageError(f"{json.dumps(remote)} cannot be adopted: {error.failure}") from error
    now = books.clock.now()
    found = evolve(task.snapshot, failure=None)
    if seen.status is None or seen.status is Status.QUEUED:
        found = step(found, Status.QUEUED, now)
    await books.write(task, observe(found, seen, asked_at, now), note=f"adopted: {why}", remote=remote)
    return Reconciliation(record=task.record, outcome="adopted", explanation=why)


async def _patiently(ask: Callable[[], Awaitable[T]], books: Books) -> T:
    """Read something that costs nothing, again after a while where that may go better."""
    tries = 0
    while True:
        try:
            return await ask()
        except (ProviderError, NotSent, ReplyLost) as error:
            failure = error.failure if isinstance(error, ProviderError) else None
            is_limited = failure is not None and failure.kind is FailureKind.RATE_LIMITED
            may_pass = failure is None or failure.retryable
            if tries >= (_ASKED_AGAIN if is_limited else _TRIED_AGAIN) or not may_pass:
                raise
            pause = (failure and failure.retry_after) or 2.0**tries
            tries += 1
            await books.clock.wait(asyncio.Event(), min(pause, _LONGEST_PAUSE))


async def abandon(task: Watched, books: Books) -> Reconciliation:
    """End an unconfirmed task at the user's word; a job that may exist at the provider is left to itself."""
    text = "Given up by the user. If the provider did make the job, it may be billed."
    failure = Failure.of(FailureKind.NOT_SENT, text)
    ended = evolve(step(task.snapshot, Status.REFUSED, books.clock.now()), failure=evolve(failure, retryable=False))
    await books.write(task, ended, note="abandoned")
    return Reconciliation(record=task.record, outcome="abandoned", explanation=text)


def named_remote(task: Watched, accounts: Accounts, text: str) -> JSON:
    """Read what the user calls a job at the provider: its plain id, or `remote` as JSON."""
    account = accounts.of(task.record.job)
    if text.lstrip().startswith(("{", "[")):
        try:
            remote: JSON = json.loads(text)
        except ValueError as error:
            raise UsageError(f"{text!r} is not JSON: {error}") from error
        return remote
    if isinstance(account.adapter, ReadsIds):
        return account.adapter.remote_from_id(text.strip(), request_for(account, task.record))
    raise UsageError(f"{task.snapshot.provider} cannot be given a plain id: write the job's `remote` as JSON.")


async def _untaken(listed: Sequence[Candidate], record: Record, books: Books) -> list[Candidate]:
    """Leave out the jobs that other tasks have already."""
    call, job = books.thread.call, record.job
    return [
        candidate
        for candidate in listed
        if await call(books.ledger.by_remote, job.provider, job.account, candidate.remote) is None
    ]


async def _rivals(record: Record, books: Books) -> list[Sending]:
    """Find the other tasks that a listed job could belong to just as well: unconfirmed, or with their create out."""
    job = record.job
    unclear = await books.thread.call(
        books.ledger.recent, _ALL, statuses={Status.UNCONFIRMED, Status.SUBMITTING}, provider=job.provider
    )
    return [
        await _sending(rival, books)
        for rival in unclear
        if rival.id != record.id and (rival.job.operation, rival.job.account) == (job.operation, job.account)
    ]


async def _sending(record: Record, books: Books) -> Sending:
    began = ended = record.snapshot.created_at
    for taken in await books.thread.call(books.ledger.transitions, record.id):
        if taken.after is Status.SUBMITTING:
            began = ended = taken.at
        if taken.after is Status.UNCONFIRMED:
            ended = min(taken.at, began + OUT_AT_MOST)
    if record.snapshot.status is Status.SUBMITTING:  # in a process that lives, or that died and left it so
        ended = books.clock.now()
    return Sending(task_id=record.id, prompt=record.job.prompt, began=began, ended=ended)


def _ambiguous(task: Watched, candidates: Sequence[Candidate], why: str) -> Reconciliation:
    text = f"{why} Decide with `--adopt REMOTE`, or with `--abandon` if you are sure that there is no job."
    return Reconciliation(record=task.record, outcome="ambiguous", explanation=text, candidates=candidates)
