"""Takes up a task whose process died while its billed call was out."""

from __future__ import annotations

from attrs import evolve

from taskferry.accounts import Accounts
from taskferry.errors import Failure, FailureKind
from taskferry.exchange import replay
from taskferry.machine import step
from taskferry.poller.books import Books
from taskferry.poller.submitting import accepted, request_for
from taskferry.poller.watched import Watched
from taskferry.status import Status

_LOST = Failure.of(
    FailureKind.UNAVAILABLE,
    "The process that submitted the job ended before the reply was read: a paid job may exist.",
    suggestion="Run `taskferry reconcile`.",
)


async def recover(task: Watched, books: Books, accounts: Accounts) -> None:
    """Settle a task found as `submitting`: from its kept create reply if there is one, else as unconfirmed.

    The billed call is never sent again here.
    """
    now = books.clock.now()
    packed = task.record.create_reply
    account = accounts.of(task.record.job)
    request = request_for(account, task.record)
    known = None if packed is None else replay(account.adapter, request, packed, account.base_url)
    if known is None:
        await books.write(task, evolve(step(task.snapshot, Status.UNCONFIRMED, now), failure=_LOST))
    else:
        await books.write(
            task, accepted(task.snapshot, known, now), note="read from the kept reply", remote=known.remote
        )
