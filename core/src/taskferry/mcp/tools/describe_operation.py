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


async def describe_operation(
    context: ToolContext, operation: OperationName
) -> Annotated[CallToolResult, OperationInFull]:
    """Show one operation in full: the JSON Schema of its parameters, a valid example, its price, how long it takes.

    Free; asks no provider and changes nothing. Call it before the first generate or submit_task of an operation, since
    parameters that do not fit are refused. Not for finding operations: that is list_operations.
    """
    return described(session_of(context).ferry.operation(operation))


TOOL = tool(
    describe_operation,
    title="Describe an operation",
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
)
