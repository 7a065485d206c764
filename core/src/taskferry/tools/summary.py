"""A task in words and as a small document: every text from outside on one line, bounded, with no false hope."""

from __future__ import annotations

from typing import Any

from taskferry.document import failure_document, task_document
from taskferry.errors import Failure, FailureKind
from taskferry.ledger.record import Record
from taskferry.status import Status
from taskferry.task import Artifact, Snapshot
from taskferry.text import clean

_LONGEST_PROMPT, _LONGEST_WORD, _MOST_TRACE_IDS = 500, 100, 5
_SIZE_STEP = 1024


def bounded_document(record: Record) -> dict[str, Any]:
    """Give the task document with every text from outside on one line and bounded, and no false hope of a retry."""
    document = task_document(record)
    document["prompt"] = clean(document["prompt"], _LONGEST_PROMPT)
    document["trace_ids"] = [clean(trace_id, _LONGEST_WORD) for trace_id in document["trace_ids"][:_MOST_TRACE_IDS]]
    document["provider_status"] = word(document["provider_status"])
    document["parked"] = None if document["parked"] is None else clean(document["parked"])
    for artifact in document["artifacts"]:
        artifact["name"], artifact["media_type"] = word(artifact["name"]), word(artifact["media_type"])
    if record.snapshot.failure is not None:
        document["failure"] = _bounded_failure(record.snapshot.status, record.snapshot.failure)
    return document


def _bounded_failure(status: Status, failure: Failure) -> dict[str, Any]:
    document = failure_document(failure)
    document["message"] = clean(failure.message)
    document["suggestion"] = None if failure.suggestion is None else clean(failure.suggestion)
    document["code"], document["trace_id"] = word(failure.code), word(failure.trace_id)
    if _never_again(status, failure):
        document["retryable"], document["suggestion"] = False, None
    return document


def summary(record: Record) -> str:
    """Say in one or two sentences how a task stands."""
    snapshot = record.snapshot
    parts = [f"Task {snapshot.id} ({snapshot.operation}): {snapshot.status}{_details(snapshot)}."]
    if snapshot.failure is not None and snapshot.status is not Status.SUCCEEDED:
        parts.append(_reason(snapshot.status, snapshot.failure))
    if snapshot.parked:
        parts.append(f"It is parked: {clean(snapshot.parked)}")
    elif snapshot.look_problem:
        parts.append(f'The provider cannot be asked at the moment, the task goes on: "{clean(snapshot.look_problem)}"')
    return " ".join(parts)


def _reason(status: Status, failure: Failure) -> str:
    """Quote the provider, so that its words are read as data."""
    code = f" [{clean(failure.code, _LONGEST_WORD)}]" if failure.code else ""
    hint = "" if failure.suggestion is None or _never_again(status, failure) else clean(failure.suggestion)
    return " ".join(filter(None, [f'Reason: "{clean(failure.message).rstrip(".")}"{code}.', hint]))


def _never_again(status: Status, failure: Failure) -> bool:
    return status in (Status.MODERATED, Status.UNCONFIRMED) or failure.kind is FailureKind.MODERATED


def _details(snapshot: Snapshot) -> str:
    if snapshot.status is Status.SUCCEEDED:
        return ": " + ", ".join(_described(artifact) for artifact in snapshot.artifacts)
    details = []
    if snapshot.queue_position is not None:
        details.append(f"{snapshot.queue_position} ahead")
    if snapshot.progress is not None and snapshot.status is Status.RUNNING:
        details.append(f"{snapshot.progress:.0%} done")
    if snapshot.eta is not None:
        details.append(f"about {snapshot.eta:.0f} s left")
    return "".join(f", {detail}" for detail in details)


def _described(artifact: Artifact) -> str:
    if artifact.path is None:
        return f"{word(artifact.name)} (not kept)"
    return f"{artifact.path} ({_size(artifact.size)})"


def _size(size: int | None) -> str:
    if size is None:
        return "size unknown"
    amount, units = float(size), iter(("bytes", "KB", "MB"))
    unit = next(units)
    while amount >= _SIZE_STEP and (larger := next(units, None)):
        amount, unit = amount / _SIZE_STEP, larger
    return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"


def word(value: Any) -> Any:
    """Give a short text of a provider on one line; None stays None."""
    return None if value is None else clean(value, _LONGEST_WORD)
