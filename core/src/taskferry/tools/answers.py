"""Results as a model reads them: a few plain values, no traceback and no media."""

from __future__ import annotations

from typing import Any

from taskferry.cost import Cost
from taskferry.errors import InvalidParameters, TaskferryError
from taskferry.handle import FerryTask
from taskferry.ledger.record import Record
from taskferry.status import Status
from taskferry.task import CancelOutcome
from taskferry.text import clean
from taskferry.tools.advice import billing, next_step
from taskferry.tools.definition import ToolResult
from taskferry.tools.mishaps import Mishap
from taskferry.tools.summary import summary

DUPLICATE = (
    "This job exists already, so nothing was sent again; another one of the same needs an idempotency_key of its own."
)
STILL_UNDER_WAY = "Still under way; the wait is over, the job goes on."
CANCELLED = {
    CancelOutcome.ACCEPTED: "The wish to cancel was taken; get_task shows the end.",
    CancelOutcome.TOO_LATE: "It was too late to cancel: the job has ended.",
    CancelOutcome.UNSUPPORTED: "The provider cannot cancel: the job goes on and is billed.",
    CancelOutcome.UNKNOWN: "Whether it was cancelled is not known yet; the wish is kept and acted on.",
}


def of_task(task: FerryTask, *, heading: str = "", under_way: bool | None = None, **more: Any) -> ToolResult:
    """Give a task as a result; `under_way` says that it has not ended although its row may say so."""
    record, snapshot = task.record, task.snapshot
    goes_on = not (snapshot.status.terminal or snapshot.parked or snapshot.status is Status.UNCONFIRMED)
    result: ToolResult = {
        "status": snapshot.status.value,
        "task_id": task.id,
        "operation": snapshot.operation,
        "summary": " ".join(part for part in (heading, summary(record), billing(record)) if part),
        "paths": [str(artifact.path) for artifact in snapshot.artifacts if artifact.path is not None],
        "cost": _cost(snapshot.cost),
        "next": next_step(record),
    }
    if snapshot.progress is not None and not snapshot.status.terminal:
        result["progress"] = round(snapshot.progress, 3)
    if goes_on if under_way is None else under_way:
        result["token"] = str(task.token)
    return {**result, **more}


def of_record(record: Record) -> ToolResult:
    """Give one line of a list."""
    snapshot = record.snapshot
    return {
        "task_id": snapshot.id,
        "operation": snapshot.operation,
        "status": snapshot.status.value,
        "cost": _cost(snapshot.cost),
        "prompt": clean(record.job.prompt, 200),
        "paths": [str(artifact.path) for artifact in snapshot.artifacts if artifact.path is not None],
    }


def of_mishap(mishap: Mishap, error: TaskferryError | None = None) -> ToolResult:
    """Give what went wrong, what was billed, and what to change."""
    told: dict[str, Any] = {"kind": mishap.kind, "message": mishap.message}
    if isinstance(error, InvalidParameters):
        told["problems"] = [
            {"path": clean(problem.path, 200), "message": clean(problem.message)} for problem in error.problems
        ]
    summed = f"{mishap.message} {mishap.billed}"
    return {"status": "error", "error": told, "summary": summed, "billed": mishap.billed, "next": mishap.next}


def _cost(cost: Cost) -> str | None:
    if cost.known is None:
        return None
    return str(cost.known) if cost.actual is not None else f"about {cost.known}"
