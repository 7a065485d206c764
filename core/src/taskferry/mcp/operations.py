"""Operations as agents read them, in words and as documents."""

from __future__ import annotations

import json
from collections.abc import Sequence

from mcp_types import CallToolResult, TextContent

from taskferry.mcp.documents import OperationDocument, OperationInFull, OperationList
from taskferry.operation import Operation

_ONE = "Call generate or submit_task with this name and parameters that fit the schema; quote tells the price before."
_MANY = "Call describe_operation with one name to get the schema of its parameters."
_NONE = "Nothing fits. Without arguments list_operations shows all; if that is empty, a taskferry plugin is missing."


def listed(operations: Sequence[Operation]) -> CallToolResult:
    """Give several operations, each in a line."""
    step = _MANY if operations else _NONE
    documents = OperationList(operations=[operation_document(one) for one in operations], next=step)
    lines = [*(_in_short(one) for one in operations), f"Next: {step}"]
    return CallToolResult(content=[_text(lines)], structured_content=documents.model_dump(mode="json"))


def described(operation: Operation) -> CallToolResult:
    """Give one operation whole, also in words: many clients show a model the text alone."""
    document = OperationInFull(
        **operation_document(operation).model_dump(),
        parameters=dict(operation.parameters),
        example=dict(operation.example),
        next=_ONE,
    )
    lines = [_in_short(operation), operation.description, operation.price_note or ""]
    schema, example = json.dumps(document.parameters), json.dumps(document.example)
    lines = [*filter(None, lines), f"Parameters (JSON Schema): {schema}", f"Example: {example}", f"Next: {_ONE}"]
    return CallToolResult(content=[_text(lines)], structured_content=document.model_dump(mode="json"))


def operation_document(operation: Operation) -> OperationDocument:
    """Give an operation as plain values, without the schema of its parameters."""
    return OperationDocument(
        name=operation.name,
        title=operation.title,
        description=operation.description,
        kind=operation.kind.value,
        required=list(operation.required),
        price=None if operation.price is None else str(operation.price),
        price_note=operation.price_note,
        typical_seconds=operation.typical.queue + operation.typical.median,
    )


def _in_short(operation: Operation) -> str:
    price = f" ({operation.price})" if operation.price else ""
    return f"{operation.name}: {operation.title}{price}"


def _text(lines: Sequence[str]) -> TextContent:
    return TextContent(type="text", text="\n".join(lines))
