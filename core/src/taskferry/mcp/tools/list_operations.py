"""The tool that shows what can be made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from taskferry.errors import UsageError
from taskferry.ferry import Ferry
from taskferry.mcp.documents import OperationDocument, OperationList
from taskferry.mcp.state import ToolContext, state_of
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import ProviderName
from taskferry.operation import Operation

_ONE = "Call submit_task with this name and parameters that fit the schema."
_MANY = "Call list_operations with one name as `operation` to get the schema of its parameters."
_NONE = "No provider is installed: ask the user to install a taskferry plugin."


async def list_operations(
    context: ToolContext,
    operation: Annotated[
        str | None,
        Field(
            max_length=200,
            description="One operation by its full name, PROVIDER/OPERATION: adds the JSON Schema of its parameters.",
            examples=["acme/text-to-image"],
        ),
    ] = None,
    provider: ProviderName = None,
) -> Annotated[CallToolResult, OperationList]:
    """List what the installed providers can make: images, video, music, 3D models.

    Free; asks no provider and changes nothing. Call it before the first submit_task, then once more with `operation`
    for the schema of the parameters, a valid example and the price. Not for jobs that exist: that is list_tasks.
    """
    ferry = state_of(context).ferry
    if operation is not None:
        one = ferry.operation(operation)
        return _result([_in_full(one)], [operation_document(one, whole=True)], _ONE)
    offered = _offered(ferry, provider)
    documents = [operation_document(one, whole=False) for one in offered]
    return _result([_in_short(one) for one in offered], documents, _MANY if offered else _NONE)


def _result(lines: Sequence[str], operations: list[OperationDocument], step: str) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text="\n".join([*lines, f"Next: {step}"]))],
        structured_content=OperationList(operations=operations, next=step).model_dump(mode="json"),
    )


def _in_short(operation: Operation) -> str:
    price = f" ({operation.price})" if operation.price else ""
    return f"{operation.name}: {operation.title}{price}"


def _in_full(operation: Operation) -> str:
    """Say it all in words too: many clients show a model the text alone."""
    lines = [_in_short(operation), operation.description, operation.price_note or ""]
    schema, example = json.dumps(dict(operation.parameters)), json.dumps(dict(operation.example))
    return "\n".join([*filter(None, lines), f"Parameters (JSON Schema): {schema}", f"Example: {example}"])


def _offered(ferry: Ferry, provider: str | None) -> Sequence[Operation]:
    if provider is None:
        return ferry.operations()
    if "/" in provider:
        raise UsageError(f"{provider!r} is not a provider but an operation: give it as `operation`.")
    return ferry.operations(provider)


def operation_document(operation: Operation, *, whole: bool) -> OperationDocument:
    """Give an operation as plain values; `whole` adds the schema of its parameters and the example."""
    return OperationDocument(
        name=operation.name,
        title=operation.title,
        description=operation.description,
        kind=operation.kind.value,
        required=list(operation.required),
        price=None if operation.price is None else str(operation.price),
        price_note=operation.price_note,
        typical_seconds=operation.typical.queue + operation.typical.median,
        parameters=dict(operation.parameters) if whole else None,
        example=dict(operation.example) if whole else None,
    )


TOOL = tool(
    list_operations,
    title="List operations",
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
)
