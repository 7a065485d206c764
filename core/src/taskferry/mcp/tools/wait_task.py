"""The tool that waits for a task's end, within bounds."""

from __future__ import annotations

from typing import Annotated

from mcp_types import CallToolResult, ToolAnnotations
from pydantic import Field

from taskferry.mcp.documents import WaitResult
from taskferry.mcp.session import session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import TaskId
from taskferry.mcp.waiting import LONGEST_WAIT, STILL_UNDER_WAY, USUAL_WAIT, goes_on, went_wrong
from taskferry.text import clean
from taskferry.tools.texts import describe, timeout_text


async def wait_task(
    context: ToolContext,
    task_id: TaskId,
    timeout_s: Annotated[
        float,
        Field(
            ge=0,
            allow_inf_nan=False,
            description=timeout_text(LONGEST_WAIT),
            examples=[25, 50],
            json_schema_extra={"maximum": LONGEST_WAIT},
        ),
    ] = USUAL_WAIT,
) -> Annotated[CallToolResult, WaitResult]:
    """Wait for a task, within bounds."""
    session = session_of(context)
    task = await session.resume(task_id)
    finished = await session.wait(task, timeout_s)
    timed_out = not finished and goes_on(task)
    heading = STILL_UNDER_WAY if timed_out else "" if task.problem is None else clean(task.problem)
    return session.result(task, heading=heading, is_error=went_wrong(task), timed_out=timed_out)


TOOL = tool(
    wait_task,
    title="Wait for a task",
    description=describe("wait_task"),
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
    ),
)
