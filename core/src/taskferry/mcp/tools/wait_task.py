"""The tool that waits for a task's end, within bounds."""

from __future__ import annotations

from typing import Annotated

from mcp_types import CallToolResult, ToolAnnotations
from pydantic import Field

from taskferry.handle import FerryTask
from taskferry.mcp.documents import WaitResult
from taskferry.mcp.progress import Progress
from taskferry.mcp.results import task_result
from taskferry.mcp.state import ToolContext, state_of
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import TaskId
from taskferry.status import Status
from taskferry.task import Finished
from taskferry.text import clean

USUAL_WAIT, LONGEST_WAIT = 25.0, 50.0
"""Seconds; many clients give a call up after 60."""
_SLICE = 1.0
"""Seconds between progress notifications."""
_STILL_UNDER_WAY = "Still under way; the wait is over, the job goes on."


async def wait_task(
    context: ToolContext,
    task_id: TaskId,
    timeout_s: Annotated[
        float,
        Field(
            ge=0,
            allow_inf_nan=False,
            description=f"Seconds to wait at most; more than {LONGEST_WAIT:.0f} is taken as {LONGEST_WAIT:.0f}.",
            examples=[25, 50],
            json_schema_extra={"maximum": LONGEST_WAIT},
        ),
    ] = USUAL_WAIT,
) -> Annotated[CallToolResult, WaitResult]:
    """Wait until a task ends and its files are kept, for a bounded time.

    Free. When the time is over the result has `timed_out` true and `poll_after_ms`: that is no error, nothing was
    cancelled, the job goes on; call wait_task again. A task that cannot go on by itself is given at once. Sends
    progress where the client asked for it. Also takes up a task whose server has gone. Not for starting jobs.
    """
    task = await state_of(context).ferry.resume(task_id)
    finished = await _wait(task, min(timeout_s, LONGEST_WAIT), Progress(context))
    status = task.snapshot.status
    went_wrong = status is Status.UNCONFIRMED or (finished and not status.ok)
    timed_out = not finished and _goes_on(task)
    heading = _STILL_UNDER_WAY if timed_out else "" if task.problem is None else clean(task.problem)
    return task_result(task.record, heading=heading, is_error=went_wrong, timed_out=timed_out)


async def _wait(task: FerryTask, timeout: float, progress: Progress) -> bool:
    """Wait in slices, so that progress can be told; say whether the end was seen."""
    while True:
        outcome = await task.wait(min(_SLICE, timeout))
        if isinstance(outcome, Finished):
            return True
        timeout -= _SLICE
        if timeout <= 0 or not _goes_on(task):
            return False
        await progress.tell(outcome.snapshot)


def _goes_on(task: FerryTask) -> bool:
    return task.snapshot.parked is None and task.snapshot.status is not Status.UNCONFIRMED


TOOL = tool(
    wait_task,
    title="Wait for a task",
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
    ),
)
