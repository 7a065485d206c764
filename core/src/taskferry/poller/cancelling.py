"""Asks a provider to stop a job."""

from __future__ import annotations

import logging

from taskferry.accounts import Account, Accounts
from taskferry.adapter import Cancels
from taskferry.errors import FailureKind, ProviderError, WireError
from taskferry.exchange import ask
from taskferry.poller.watched import Watched
from taskferry.task import CancelOutcome

log = logging.getLogger("taskferry")


async def cancel_at_provider(task: Watched, account: Account, accounts: Accounts) -> CancelOutcome:
    """Ask the provider to stop a job."""
    adapter = account.adapter
    if not isinstance(adapter, Cancels):
        return CancelOutcome.UNSUPPORTED
    try:
        wire = accounts.wire(account)
        outcome = await ask(adapter.cancel(task.record.remote), wire, adapter.failure, CancelOutcome)
    except WireError as error:
        log.warning(
            "%s: the answer to cancelling was lost: %s", task.snapshot.id, error, extra={"task": task.snapshot.id}
        )
        return CancelOutcome.UNKNOWN
    except ProviderError as error:
        log.warning("%s: the provider would not cancel: %s", task.snapshot.id, error, extra={"task": task.snapshot.id})
        conflict = error.failure.kind in (FailureKind.CONFLICT, FailureKind.NOT_FOUND)
        return CancelOutcome.TOO_LATE if conflict else CancelOutcome.UNKNOWN
    return outcome
