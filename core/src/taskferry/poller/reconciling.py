"""Finds out what became of a task whose create reply was lost."""

from __future__ import annotations

import json
from collections.abc import Sequence

from attrs import evolve, frozen

from taskferry.accounts import Accounts
from taskferry.adapter import Candidate, ListsRecent, ReadsIds
from taskferry.errors import Failure, FailureKind, ProviderError, UsageError
from taskferry.exchange import fetch, run
from taskferry.ledger.record import Record
from taskferry.machine import observe, step
from taskferry.poller.books import Books
from taskferry.poller.submitting import request_for
from taskferry.poller.watched import Watched
from taskferry.status import Status
from taskferry.task import JSON

TIGHT = 3.0
"""Seconds by which the provider's clock may differ from ours where only the time tells a job from others."""
LOOSE = 120.0
"""The same where the prompt tells it too."""
OUT_AT_MOST = 150.0
"""Seconds that a billed call can be out, whenever its loss was noticed."""


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
    listed, _ = await run(adapter.recent(request), accounts.wire(account), adapter.failure)
    fitting = [candidate for candidate in listed if await _fits(candidate, task, books)]
    if len(fitting) == 1:
        return await adopt(task, books, accounts, fitting[0].remote, "Exactly one job at the provider fits.")
    if not fitting and adapter.recent_is_complete:
        failure = Failure.of(FailureKind.NOT_SENT, "The provider's complete list shows that the job was never made.")
        now = books.clock.now()
        await books.write(task, evolve(step(task.snapshot, Status.REFUSED, now), failure=failure))
        return Reconciliation(record=task.record, outcome="absent", explanation=failure.message)
    if not fitting:
        return _ambiguous(task, (), "No listed job fits, but the list is not known to be complete and immediate.")
    return _ambiguous(task, fitting, f"{len(fitting)} jobs fit equally well.")


async def adopt(task: Watched, books: Books, accounts: Accounts, remote: JSON, why: str) -> Reconciliation:
    """Take a job at the provider as this task's, after a look has shown that it exists."""
    account = accounts.of(task.record.job)
    asked_at = books.clock.now()
    try:
        seen = await fetch(account.adapter, remote, accounts.wire(account))
    except ProviderError as error:
        raise UsageError(f"{json.dumps(remote)} cannot be adopted: {error.failure}") from error
    now = books.clock.now()
    found = evolve(task.snapshot, failure=None)
    if seen.status is None or seen.status is Status.QUEUED:
        found = step(found, Status.QUEUED, now)
    await books.write(task, observe(found, seen, asked_at, now), note=f"adopted: {why}", remote=remote)
    return Reconciliation(record=task.record, outcome="adopted", explanation=why)


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


async def _fits(candidate: Candidate, task: Watched, books: Books) -> bool:
    """Tell whether a listed job can be this task's: by prompt and time, or by time alone if no rival claims it too."""
    job = task.record.job
    taken = await books.thread.call(books.ledger.by_remote, job.provider, job.account, candidate.remote)
    if taken is not None:
        return False
    if candidate.prompt is not None and job.prompt:
        same = candidate.prompt.split() == job.prompt.split()
        return same and (await _sent(task.record, books)).covers(candidate.created_at, margin=LOOSE)
    if candidate.created_at is None or not (await _sent(task.record, books)).covers(candidate.created_at, margin=TIGHT):
        return False
    for rival in await books.thread.call(
        books.ledger.recent, 1000, statuses={Status.UNCONFIRMED}, provider=job.provider
    ):
        others = (
            rival.id != task.record.id and rival.job.operation == job.operation and rival.job.account == job.account
        )
        if others and (await _sent(rival, books)).covers(candidate.created_at, margin=TIGHT):
            return False
    return True


@frozen(kw_only=True)
class _Sending:
    """When a billed call was out, in epoch seconds."""

    began: float
    ended: float

    def covers(self, at: float | None, *, margin: float) -> bool:
        return at is None or self.began - margin <= at <= self.ended + margin


async def _sent(record: Record, books: Books) -> _Sending:
    began = ended = record.snapshot.created_at
    for step_taken in await books.thread.call(books.ledger.transitions, record.id):
        if step_taken.after is Status.SUBMITTING:
            began = ended = step_taken.at
        if step_taken.after is Status.UNCONFIRMED:
            ended = min(step_taken.at, began + OUT_AT_MOST)
    return _Sending(began=began, ended=ended)


def _ambiguous(task: Watched, candidates: Sequence[Candidate], why: str) -> Reconciliation:
    text = f"{why} Decide with `--adopt REMOTE`, or with `--abandon` if you are sure that there is no job."
    return Reconciliation(record=task.record, outcome="ambiguous", explanation=text, candidates=candidates)
