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


async def list_operations(
    context: ToolContext,
    provider: ProviderName = None,
    kind: Annotated[
        Literal["image", "video", "audio", "model", "document", "other"] | None,
        Field(
            description="Only those that make this kind of media (`model`: 3D). All if left out.", examples=["video"]
        ),
    ] = None,
    search: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=100,
            description="Only those with all of these words in their name, title or description. All if left out.",
            examples=["upscale", "text to"],
        ),
    ] = None,
) -> Annotated[CallToolResult, OperationList]:
    """List what the installed providers can make: images, video, music, 3D models; with price and usual duration.

    Free; asks no provider and changes nothing. Call it first, to choose an operation; then describe_operation for the
    schema of its parameters. Not for jobs that exist: that is list_tasks.
    """
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
        return ferry.operations()
    if "/" in provider:
        raise UsageError(f"{provider!r} is not a provider but an operation: call describe_operation with it.")
    return ferry.operations(provider)


TOOL = tool(
    list_operations,
    title="List operations",
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
)
