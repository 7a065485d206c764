"""The tool that shows one operation whole."""

from __future__ import annotations

from typing import Annotated

from mcp_types import CallToolResult, ToolAnnotations

from taskferry.mcp.documents import OperationInFull
from taskferry.mcp.operations import described
from taskferry.mcp.session import session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import OperationName
from taskferry.tools.texts import describe


async def describe_operation(
    context: ToolContext, operation: OperationName
) -> Annotated[CallToolResult, OperationInFull]:
    """Show one operation whole."""
    return described(session_of(context).ferry.operation(operation))


TOOL = tool(
    describe_operation,
    title="Describe an operation",
    description=describe("describe_operation"),
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
)
