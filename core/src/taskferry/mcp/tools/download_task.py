"""The tool that keeps a task's files, or copies them to another folder."""

from __future__ import annotations

from typing import Annotated

from attrs import evolve
from mcp_types import CallToolResult, ToolAnnotations
from pydantic import Field

from taskferry.mcp.documents import TaskResult
from taskferry.mcp.results import task_result
from taskferry.mcp.session import session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import TaskId
from taskferry.tools.texts import ARGUMENTS, describe


async def download_task(
    context: ToolContext,
    task_id: TaskId,
    folder: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=4000,
            description=ARGUMENTS["folder"],
            examples=["out", "assets/fox"],
        ),
    ] = None,
) -> Annotated[CallToolResult, TaskResult]:
    """Keep the files of a task."""
    session = session_of(context)
    target = None if folder is None else session.roots.allow(folder)
    task = await session.find(task_id)
    if not task.snapshot.status.ok:
        return session.result(task, heading="There are no files to download.", is_error=True)
    artifacts = await task.save(target)
    record = task.record
    return task_result(evolve(record, snapshot=evolve(record.snapshot, artifacts=tuple(artifacts))))


TOOL = tool(
    download_task,
    title="Download a task's files",
    description=describe("download_task"),
    annotations=ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True
    ),
)
