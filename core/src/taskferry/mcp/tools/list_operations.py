"""The tool that shows what can be made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from mcp_types import CallToolResult, ToolAnnotations
from pydantic import Field

from taskferry.errors import UsageError
from taskferry.ferry import Ferry
from taskferry.mcp.documents import OperationList
from taskferry.mcp.operations import listed
from taskferry.mcp.session import session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import ProviderName
from taskferry.operation import Operation
from taskferry.routing import route_operations
from taskferry.tools.texts import ARGUMENTS, describe


async def list_operations(
    context: ToolContext,
    provider: ProviderName = None,
    kind: Annotated[
        Literal["image", "video", "audio", "model", "document", "other"] | None,
        Field(description=ARGUMENTS["kind"], examples=["video"]),
    ] = None,
    search: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=100,
            description=ARGUMENTS["search"],
            examples=["upscale", "text to"],
        ),
    ] = None,
) -> Annotated[CallToolResult, OperationList]:
    """List what fits the filters."""
    words = (search or "").lower().split()
    offered = [
        one
        for one in _offered(session_of(context).ferry, provider)
        if kind in (None, one.kind.value)
        and all(word in f"{one.name} {one.title} {one.description}".lower() for word in words)
    ]
    return listed(offered)


def _offered(ferry: Ferry, provider: str | None) -> Sequence[Operation]:
    if provider is None:
        return (*route_operations(), *ferry.operations())
    if "/" in provider:
        raise UsageError(f"{provider!r} is not a provider but an operation: call describe_operation with it.")
    return ferry.operations(provider)


TOOL = tool(
    list_operations,
    title="List operations",
    description=describe("list_operations"),
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
)
