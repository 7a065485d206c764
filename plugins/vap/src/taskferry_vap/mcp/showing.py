"""A task as a tool's answer: VAP's lines of text, the fields of its document, and links to kept files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from taskferry import ProfileAnswer, ProfileContext, Snapshot, Status, TaskferryError
from taskferry_vap.mcp.documents import task_document
from taskferry_vap.mcp.texts import outcome_lines, task_lines

if TYPE_CHECKING:
    from taskferry import FerryTask

TASK, OPERATION = "Task", "Operation"
"""What the vendor calls the jobs that make something, and those that edit something."""


async def show_task(context: ProfileContext, task: FerryTask) -> ProfileAnswer:
    """Say how a task stands, in the lines of get_task."""
    return await answer(context, task, TASK)


async def answer(context: ProfileContext, task: FerryTask, label: str, *, relink: bool = True) -> ProfileAnswer:
    """Say how a job stands; an end without success is an error.

    Without `relink` the links are those of the last look, which is right for a job whose end was seen just now.
    """
    snapshot, problem = await _linked(context, task) if relink else (task.snapshot, task.problem)
    lines = outcome_lines(snapshot, context.billing(task), problem)
    return ProfileAnswer(
        text="\n".join([*task_lines(snapshot, label), "", *lines]),
        structured=document(snapshot, label),
        artifacts=snapshot.artifacts if snapshot.status.ok else (),
        is_error=went_wrong(task),
    )


async def _linked(context: ProfileContext, task: FerryTask) -> tuple[Snapshot, str | None]:
    """Give a task with links that are as good as VAP can make them, and what is wrong with links or files."""
    snapshot: Snapshot = task.snapshot
    if not snapshot.status.ok:
        return snapshot, None
    try:
        urls = {artifact.name: artifact.url for artifact in await context.fresh_urls(task)}
    except TaskferryError as error:  # what is done stays done, whether or not VAP can be asked
        return snapshot, task.problem or f"the links may have expired: {error}"
    fresh = [evolve(artifact, url=urls.get(artifact.name, artifact.url)) for artifact in snapshot.artifacts]
    return evolve(snapshot, artifacts=tuple(fresh)), task.problem


def document(snapshot: Snapshot, label: str) -> dict[str, Any]:
    """Give the fields of VAP's own document."""
    said = task_document(snapshot)
    return said if label == TASK else {"operation_id": snapshot.id, "operation": said["type"], **said}


def went_wrong(task: FerryTask) -> bool:
    """Tell whether a task ended without success, or may exist unseen."""
    status = task.snapshot.status
    return status is Status.UNCONFIRMED or (status.terminal and not status.ok)
