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
from taskferry.tools.texts import describe


async def get_task(context: ToolContext, task_id: TaskId) -> Annotated[CallToolResult, TaskResult]:
    """Look at a task now."""
    session = session_of(context)
    task = await session.find(task_id)
    await task.refresh()
    return session.result(task)


TOOL = tool(
    get_task,
    title="Look at a task",
    description=describe("get_task"),
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
    ),
    meta=VIEWER_META,
)
