"""Looks at many tasks of one account with one call, where the provider offers that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from taskferry.accounts import Accounts
from taskferry.adapter import FetchesMany
from taskferry.errors import AdapterError, Failure, FailureKind, ProviderError, TaskferryError, WireError
from taskferry.exchange import fetch_many
from taskferry.poller.books import Books
from taskferry.poller.looking import Look
from taskferry.poller.watched import Watched

SLACK = 0.25
"""How much of its pause a task gives up to be looked at together with others that are due."""
_NOT_LISTED = Failure.of(FailureKind.NOT_FOUND, "The provider's list of jobs lacks this one.")


def limit_of(task: Watched, accounts: Accounts) -> int:
    """Give how many tasks one call can look at for this one's account; 1 where there is no such call."""
    if task.foreign or task.errors or not task.snapshot.status.watched or task.snapshot.parked:
        return 1  # a task whose last look failed is looked at alone, so that one bad job does not spoil the others'
    try:
        adapter = accounts.of(task.record.job).adapter
    except TaskferryError:
        return 1  # its own turn finds out why, and parks it
    return adapter.fetch_many_limit if isinstance(adapter, FetchesMany) else 1


def grouped(
    due: Sequence[Watched], others: Iterable[Watched], accounts: Accounts, now: float
) -> Iterator[Sequence[Watched]]:
    """Put together what one call can look at: tasks that are due, and those of the same account that nearly are."""
    together: dict[tuple[str, str, str, str], list[Watched]] = {}
    limits: dict[tuple[str, str, str, str], int] = {}
    for task in due:
        limit = limit_of(task, accounts)
        if limit > 1:
            together.setdefault(_place(task), []).append(task)
            limits[_place(task)] = limit
        else:
            yield (task,)
    if together:
        taken = {task.record.id for task in due}
        for task in others:
            near = not task.busy and task.due - now <= SLACK * task.pause and task.record.id not in taken
            if near and _place(task) in together and limit_of(task, accounts) > 1:
                together[_place(task)].append(task)
    for place, tasks in together.items():
        for start in range(0, len(tasks), limits[place]):
            yield tasks[start : start + limits[place]]


async def look_at_many(tasks: Sequence[Watched], books: Books, accounts: Accounts) -> Sequence[Look]:
    """Look at tasks of one account together; an error of the call is each one's look."""
    account = accounts.of(tasks[0].record.job)
    adapter = account.adapter
    assert isinstance(adapter, FetchesMany)
    now = books.clock.now()
    asked_at = [task.asking_at(now) for task in tasks]
    remotes = [task.record.remote for task in tasks]
    try:
        seen = await fetch_many(adapter, adapter.failure, remotes, accounts.wire(account))
    except (ProviderError, WireError, AdapterError) as error:
        return [Look(asked_at=at, result=error) for at in asked_at]
    results = [one or ProviderError(_NOT_LISTED) for one in seen]
    return [Look(asked_at=at, result=result) for at, result in zip(asked_at, results, strict=True)]


def _place(task: Watched) -> tuple[str, str, str, str]:
    job = task.record.job
    return job.provider, job.generation, job.base_url, job.account
