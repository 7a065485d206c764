"""The tool that lists tasks from the ledger."""

from __future__ import annotations

from typing import Annotated

from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from taskferry.mcp.documents import StatusWord, TaskList
from taskferry.mcp.session import session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import ProviderName
from taskferry.status import Status
from taskferry.tools.summary import bounded_document, summary
from taskferry.tools.texts import ARGUMENTS, describe

_NEXT = "Call wait_task for one that is under way, get_task for one in full."
_NONE = "There is no such task. generate or submit_task starts one."


async def list_tasks(
    context: ToolContext,
    limit: Annotated[int, Field(ge=1, le=100, description=ARGUMENTS["limit"], examples=[20])] = 20,
    statuses: Annotated[
        list[StatusWord] | None,
        Field(
            min_length=1,
            description=ARGUMENTS["statuses"],
            examples=[["queued", "running"], ["unconfirmed"]],
        ),
    ] = None,
    provider: ProviderName = None,
) -> Annotated[CallToolResult, TaskList]:
    """List tasks of the ledger."""
    chosen = None if statuses is None else [Status(word) for word in statuses]
    records = await session_of(context).recent(limit, statuses=chosen, provider=provider)
    step = _NEXT if records else _NONE
    return CallToolResult(
        content=[TextContent(type="text", text="\n".join([*(summary(one) for one in records), f"Next: {step}"]))],
        structured_content={"tasks": [bounded_document(one) for one in records], "next": step},
    )


TOOL = tool(
    list_tasks,
    title="List tasks",
    description=describe("list_tasks"),
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
)
