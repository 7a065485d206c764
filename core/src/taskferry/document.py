"""A task as the JSON that scripts and agents get."""

from __future__ import annotations

TYPE_CHECKING = False  # what only shows tasks starts without these
if TYPE_CHECKING:
    from typing import Any

    from taskferry.errors import Failure
    from taskferry.ledger.record import Choice, Record
    from taskferry.task import Artifact, Snapshot


def task_document(record: Record) -> dict[str, Any]:
    """Give one task as plain JSON values: amounts as text, times as epoch seconds, paths as text."""
    snapshot = record.snapshot
    return {
        "id": snapshot.id,
        "provider": snapshot.provider,
        "operation": snapshot.operation,
        "status": snapshot.status.value,
        "provider_status": snapshot.provider_status,
        "progress": snapshot.progress,
        "queue_position": snapshot.queue_position,
        "eta": snapshot.eta,
        "cost": _cost(snapshot),
        "artifacts": [_artifact(artifact) for artifact in snapshot.artifacts],
        "failure": None if snapshot.failure is None else failure_document(snapshot.failure),
        "remote": record.remote,
        "parked": snapshot.parked,
        "look_problem": snapshot.look_problem,
        "cancel_wanted": snapshot.cancel_wanted,
        "prompt": record.job.prompt,
        "run": snapshot.run,
        "trace_ids": list(snapshot.trace_ids),
        "created_at": snapshot.created_at,
        "submitted_at": snapshot.submitted_at,
        "started_at": snapshot.started_at,
        "finished_at": snapshot.finished_at,
        "looked_at": snapshot.looked_at,
        "next_try_at": snapshot.next_try_at,
        "choice": None if record.job.choice is None else choice_document(record.job.choice),
    }


def choice_document(choice: Choice) -> dict[str, Any]:
    """Give how an operation was chosen as plain JSON values."""
    return {"asked": choice.asked, "policy": choice.policy, "tried": list(choice.tried)}


def failure_document(failure: Failure) -> dict[str, Any]:
    """Give a failure as plain JSON values."""
    return {
        "kind": str(failure.kind),
        "message": failure.message,
        "code": failure.code,
        "http_status": failure.http_status,
        "retryable": failure.retryable,
        "suggestion": failure.suggestion,
        "trace_id": failure.trace_id,
    }


def _cost(snapshot: Snapshot) -> dict[str, str | None]:
    cost = snapshot.cost
    return {
        "estimated": None if cost.estimated is None else f"{cost.estimated:f}",
        "actual": None if cost.actual is None else f"{cost.actual:f}",
        "unit": cost.unit,
    }


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return {
        "name": artifact.name,
        "kind": str(artifact.kind),
        "media_type": artifact.media_type,
        "path": None if artifact.path is None else str(artifact.path),
        "size": artifact.size,
        "sha256": artifact.sha256,
    }
