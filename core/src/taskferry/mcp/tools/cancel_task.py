"""The tool that asks for a job to be stopped."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from mcp_types import CallToolResult, ToolAnnotations

from taskferry.mcp.documents import CancelResult
from taskferry.mcp.session import session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import TaskId
from taskferry.task import CancelOutcome
from taskferry.tools.texts import describe

_HEADINGS: Mapping[CancelOutcome, str] = MappingProxyType(
    {
        CancelOutcome.ACCEPTED: "The wish to cancel was taken; get_task shows the end.",
        CancelOutcome.TOO_LATE: "It was too late to cancel: the job has ended.",
        CancelOutcome.UNSUPPORTED: "The provider cannot cancel: the job goes on and is billed.",
        CancelOutcome.UNKNOWN: "Whether it was cancelled is not known yet; the wish is kept and acted on.",
    }
)


async def cancel_task(context: ToolContext, task_id: TaskId) -> Annotated[CallToolResult, CancelResult]:
    """Pass on the wish to cancel."""
    session = session_of(context)
    task = await session.find(task_id)
    outcome = await task.cancel()
    return session.result(task, heading=_HEADINGS[outcome], outcome=outcome.value)


TOOL = tool(
    cancel_task,
    title="Cancel a task",
    description=describe("cancel_task"),
    annotations=ToolAnnotations(
        read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True
    ),
)
