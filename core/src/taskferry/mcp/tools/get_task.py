"""The tool that looks at one task."""

from __future__ import annotations

from typing import Annotated

from mcp_types import CallToolResult, ToolAnnotations

from taskferry.mcp.app import VIEWER_META
from taskferry.mcp.documents import TaskResult
from taskferry.mcp.session import session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import TaskId


async def get_task(context: ToolContext, task_id: TaskId) -> Annotated[CallToolResult, TaskResult]:
    """Show one task as it stands now: status, progress, cost, results, failure.

    Free; looks at the provider at most once a second and changes nothing there. Use it for a task of an earlier
    conversation or for a quick look. To wait for the end call wait_task: one such call replaces many of these.
    """
    session = session_of(context)
    task = await session.find(task_id)
    await task.refresh()
    return session.result(task)


TOOL = tool(
    get_task,
    title="Look at a task",
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
    ),
    meta=VIEWER_META,
)
