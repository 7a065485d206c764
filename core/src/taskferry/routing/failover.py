"""When a job may go to the next provider: only after it was certainly refused, and not for what it shows."""

from __future__ import annotations

from taskferry.errors import FailureKind
from taskferry.status import Status
from taskferry.task import Snapshot

_OTHERS_MAY_TAKE = frozenset(
    {
        FailureKind.AUTH,
        FailureKind.FUNDS,
        FailureKind.FORBIDDEN,
        FailureKind.NOT_FOUND,
        FailureKind.RATE_LIMITED,
        FailureKind.PROVIDER,
        FailureKind.UNAVAILABLE,
    }
)
"""Refusals that have to do with the account or the provider; a refused prompt is not carried from door to door."""


def may_fail_over(snapshot: Snapshot) -> bool:
    """Tell whether the next provider may be asked: nothing exists at this one, and nothing ever will."""
    failure = snapshot.failure
    if snapshot.status is not Status.REFUSED or failure is None:
        return False
    if failure.kind is FailureKind.NOT_SENT:
        return failure.retryable  # one that the user gave up while it was unconfirmed is not, and may be billed
    return failure.kind in _OTHERS_MAY_TAKE


def attempt_key(key: str | None, number: int) -> str | None:
    """Give the idempotency key of the task that one provider in turn gets; the first has the caller's own."""
    return key if key is None or number == 1 else f"{key} (provider {number})"
