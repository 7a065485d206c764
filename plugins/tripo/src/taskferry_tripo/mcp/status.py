"""The tool that shows how a task stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from taskferry import ProfileAnswer, ProfileContext, ProfileTool, TaskferryError, UsageError, clean
from taskferry_tripo.mcp.answers import answer
from taskferry_tripo.mcp.documents import status_document, went_wrong

if TYPE_CHECKING:
    from taskferry import FerryTask

WAIT = 25.0
"""Seconds that a call waits for the end, so that an agent does not have to ask every few; clients give up after 60."""


async def get_task_status(context: ProfileContext, arguments: Mapping[str, Any]) -> ProfileAnswer:
    """Show how a 3D model's task stands: status, progress, and once it is SUCCESS the links and the kept file.

    Free. Waits up to 25 s for the end, so call it again at once while the status is QUEUED or RUNNING; when the call
    ends the job goes on. FAILED, CANCELLED, BANNED and EXPIRED are ends without a model. The links are good for a few
    minutes; calling it again gives fresh ones.
    """
    task_id = arguments["task_id"]
    task = await context.task(task_id)
    if task.snapshot.provider != "tripo":
        raise UsageError(f"Task {task_id} is a job of {task.snapshot.provider}'s: this server shows Tripo's alone.")
    was_done = task.snapshot.status.ok
    await context.wait(task, WAIT)
    if was_done or not task.snapshot.status.ok:
        return await show(context, task)
    kept = task.snapshot.artifacts  # the end was seen just now, so these links are fresh
    return answer(status_document(task, kept, context.billing(task)), artifacts=kept)


async def show(context: ProfileContext, task: FerryTask) -> ProfileAnswer:
    """Say how a task stands; an end without success is an error."""
    if not task.snapshot.status.ok:
        return answer(status_document(task, (), context.billing(task)), is_error=went_wrong(task))
    kept = task.snapshot.artifacts
    try:
        document = status_document(task, await context.fresh_urls(task), context.billing(task))
    except TaskferryError as error:  # what is done stays done, whether or not Tripo can be asked
        document = status_document(task, kept, context.billing(task))
        document["warning"] = f"The links may have expired, the files are kept: {clean(error)}"
    return answer(document, artifacts=kept)


READING: Sequence[ProfileTool] = (
    ProfileTool(
        name="get_task_status",
        title="Get task status",
        handler=get_task_status,
        parameters={
            "type": "object",
            "properties": {
                "task_id": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 200,
                    "description": "The task_id that a create tool gave.",
                    "examples": ["0j8m2q5v7x9z1c3b5n7k9h1f3d"],
                }
            },
            "required": ["task_id"],
            "additionalProperties": False,
        },
        read_only=True,
        idempotent=True,
    ),
)
