"""Exit codes: what scripts learn from a command without reading a word."""

from __future__ import annotations

from taskferry.status import Status

TYPE_CHECKING = False  # `taskferry status` starts without these
if TYPE_CHECKING:
    from collections.abc import Iterable

    from taskferry.errors import TaskferryError
    from taskferry.task import Snapshot

DONE = 0
UNSUCCESSFUL = 1
USAGE = 2
STILL_RUNNING = 3
REFUSED = 4
UNCONFIRMED = 5
NOT_KEPT = 6
DEFECT = 70
"""A defect of taskferry itself; sysexits calls it EX_SOFTWARE. No task has ended with it."""
INTERRUPTED = 130

BY_STATUS = {
    Status.PREPARED: STILL_RUNNING,
    Status.SUBMITTING: STILL_RUNNING,
    Status.UNCONFIRMED: UNCONFIRMED,
    Status.QUEUED: STILL_RUNNING,
    Status.RUNNING: STILL_RUNNING,
    Status.SUCCEEDED: DONE,
    Status.FAILED: UNSUCCESSFUL,
    Status.MODERATED: UNSUCCESSFUL,
    Status.EXPIRED: UNSUCCESSFUL,
    Status.CANCELLED: UNSUCCESSFUL,
    Status.REFUSED: REFUSED,
}

BY_CANCEL = {
    "accepted": DONE,
    "too_late": UNSUCCESSFUL,
    "unsupported": UNSUCCESSFUL,
    "unknown": STILL_RUNNING,
}

_NOT_A_REFUSAL = {"provider", "unavailable", "timeout", "malformed"}


def task_code(snapshot: Snapshot) -> int:
    """Give the code of one task as it stands."""
    if snapshot.status.ok and not snapshot.kept:
        return NOT_KEPT
    if snapshot.status is Status.REFUSED and snapshot.failure and snapshot.failure.kind == "not_sent":
        return UNSUCCESSFUL  # it never reached the provider, so the provider has not refused it
    return BY_STATUS[snapshot.status]


def tasks_code(snapshots: Iterable[Snapshot]) -> int:
    """Give the code over several tasks: the highest of theirs."""
    return max(map(task_code, snapshots), default=DONE)


def submit_code(snapshot: Snapshot) -> int:
    """Give the code of a submit, which is done as soon as the provider has the job."""
    return DONE if snapshot.status.watched or snapshot.status.ok else task_code(snapshot)


def error_code(error: TaskferryError) -> int:
    """Give the code of a command that ended with an error instead of a task."""
    from taskferry.errors import ArtifactError, ProviderError, UsageError

    if isinstance(error, UsageError):
        return USAGE
    if isinstance(error, ArtifactError):
        return NOT_KEPT
    if isinstance(error, ProviderError) and error.failure.kind not in _NOT_A_REFUSAL:
        return REFUSED
    return UNSUCCESSFUL
