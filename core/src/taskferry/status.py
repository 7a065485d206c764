"""What a task can be, and what it can become."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Status(StrEnum):
    """Where a task stands; each member says what that means to the caller."""

    PREPARED = "prepared"
    """The intent is kept and nothing was sent: nothing exists at the provider, nothing can be billed."""
    SUBMITTING = "submitting"
    """The billed call is on its way; if this process dies now, the job may or may not exist."""
    UNCONFIRMED = "unconfirmed"
    """The reply to the billed call was lost: a paid job may exist. Reconcile it; never submit it again blindly."""
    QUEUED = "queued"
    """The provider accepted the job and has not begun it."""
    RUNNING = "running"
    """The provider is making it."""
    SUCCEEDED = "succeeded"
    """It is done and there are results to keep."""
    FAILED = "failed"
    """The provider gave up; the failure says why and whether trying again makes sense."""
    MODERATED = "moderated"
    """The provider's content rules stopped it: do not send the same thing again unchanged."""
    EXPIRED = "expired"
    """It waited too long at the provider and was dropped there."""
    CANCELLED = "cancelled"
    """It was cancelled, here before it was sent or at the provider."""
    REFUSED = "refused"
    """The provider never took it: nothing exists there and nothing was billed."""

    @property
    def terminal(self) -> bool:
        """Tell whether this is an end: a task never leaves it."""
        return not TRANSITIONS[self]

    @property
    def ok(self) -> bool:
        """Tell whether the task ended with results."""
        return self is Status.SUCCEEDED

    @property
    def watched(self) -> bool:
        """Tell whether a job is known to exist at the provider and is still under way."""
        return self in (Status.QUEUED, Status.RUNNING)


_ENDS = frozenset({Status.SUCCEEDED, Status.FAILED, Status.MODERATED, Status.EXPIRED, Status.CANCELLED})
_AT_PROVIDER = _ENDS | {Status.QUEUED, Status.RUNNING}

TRANSITIONS: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.PREPARED: frozenset({Status.SUBMITTING, Status.CANCELLED, Status.REFUSED}),
        Status.SUBMITTING: _AT_PROVIDER | {Status.PREPARED, Status.UNCONFIRMED, Status.REFUSED},
        Status.UNCONFIRMED: _AT_PROVIDER | {Status.REFUSED},
        Status.QUEUED: _ENDS | {Status.RUNNING},
        Status.RUNNING: _ENDS | {Status.QUEUED},
        **dict.fromkeys(_ENDS | {Status.REFUSED}, frozenset()),
    }
)
"""Every legal step. `submitting → prepared` means proven not received; `running → queued` starts run n+1."""


def may_become(current: Status, following: Status) -> bool:
    """Tell whether the step from one status to another is legal; staying is not a step."""
    return following in TRANSITIONS[current]
