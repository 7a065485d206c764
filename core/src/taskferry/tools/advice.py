"""What a task costs and what to do about it next, in words for an agent."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from taskferry.errors import FailureKind
from taskferry.ledger.record import Record
from taskferry.status import Status
from taskferry.task import Snapshot

_WAIT = "Call wait_task with this task_id; it returns within 25 s unless told otherwise. Do not submit the job again."
_FINAL_UNCHANGED = "Do not send it again unchanged: tell the user that content rules stopped it."

_NEXT: Mapping[Status, str] = MappingProxyType(
    {
        Status.PREPARED: f"Not sent yet; taskferry sends it by itself, here or on a worker. {_WAIT}",
        Status.SUBMITTING: _WAIT,
        Status.UNCONFIRMED: (
            "Do not submit it again: a paid job may exist. Tell the user to run `taskferry reconcile {id}` to find it."
        ),
        Status.QUEUED: _WAIT,
        Status.RUNNING: _WAIT,
        Status.MODERATED: _FINAL_UNCHANGED,
        Status.EXPIRED: "Tell the user that the provider dropped the job; submit it again only if the user wants to.",
        Status.CANCELLED: "Nothing more happens. Submit a new job only if the user wants one.",
    }
)
_REFUSED: Mapping[FailureKind, str] = MappingProxyType(
    {
        FailureKind.AUTH: "Ask the user to set a valid key for the provider and to restart this program.",
        FailureKind.FUNDS: "Ask the user to add funds to the account at the provider.",
        FailureKind.FORBIDDEN: "Tell the user that the account may not do this.",
        FailureKind.VALIDATION: "Correct the parameters: describe_operation gives their schema.",
        FailureKind.MODERATED: _FINAL_UNCHANGED,
    }
)
_UNKNOWN_FAILURE = "Tell the user what the provider said."
_LATER = "The provider may take it later: ask the user before submitting it again with a new idempotency_key."
_SLOWEST_POLL, _FASTEST_POLL, _USUAL_POLL = 30.0, 2.0, 5.0
_LEAST_POLL = 0.25


def next_step(record: Record) -> str:
    """Say what to do next about a task; no word of trying again for moderated or unconfirmed work."""
    snapshot = record.snapshot
    if snapshot.parked and not snapshot.status.terminal and snapshot.status is not Status.UNCONFIRMED:
        return f"Nobody watches it any more. Put right what is named, then call wait_task with {snapshot.id}."
    if snapshot.status is Status.SUCCEEDED:
        return _after_success(snapshot)
    if snapshot.status in (Status.FAILED, Status.REFUSED):
        return _after_failure(snapshot)
    return _NEXT[snapshot.status].format(id=snapshot.id)


def _after_success(snapshot: Snapshot) -> str:
    if snapshot.kept:
        return "Done: give the user the files. download_task copies them to another folder."
    return "Call download_task with this task_id: not every file is kept yet, and the provider's links expire."


def _after_failure(snapshot: Snapshot) -> str:
    failure = snapshot.failure
    if failure is None:
        return _UNKNOWN_FAILURE
    if failure.kind is FailureKind.MODERATED:
        return _FINAL_UNCHANGED
    return _REFUSED.get(failure.kind) or (_LATER if failure.retryable else _UNKNOWN_FAILURE)


def billing(record: Record) -> str:
    """Say what a task costs, as far as that is known."""
    snapshot = record.snapshot
    cost = snapshot.cost
    if snapshot.status in (Status.PREPARED, Status.REFUSED):
        return "Nothing was billed."
    if snapshot.status in (Status.SUBMITTING, Status.UNCONFIRMED):
        at_most = f" (about {cost.known})" if cost.known else ""
        return f"It may have been billed{at_most}."
    if cost.known is None:
        return "The provider has not said what it costs."
    if cost.actual is not None:
        return f"Cost: {cost.known}."
    return f"Estimated cost: {cost.known}; the provider has not said what it took."


def poll_after_ms(record: Record, pause: float | None = None) -> int | None:
    """Give the milliseconds after which asking again can show something new; None when nothing changes by itself.

    `pause` are the seconds that this process itself pauses between its looks at the task, where it makes any.
    """
    snapshot = record.snapshot
    if snapshot.status.terminal or snapshot.parked or snapshot.status is Status.UNCONFIRMED:
        return None
    if pause:
        seconds = min(max(pause, _LEAST_POLL), _SLOWEST_POLL)
    else:
        seconds = _USUAL_POLL if snapshot.eta is None else min(max(snapshot.eta, _FASTEST_POLL), _SLOWEST_POLL)
    return int(seconds * 1000)
