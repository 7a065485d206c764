"""What each tool takes, as JSON Schema, and what calling it can do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from taskferry.operation import Operation
from taskferry.status import Status
from taskferry.task import Kind
from taskferry.tools.definition import Effects
from taskferry.tools.texts import ARGUMENTS, MAX_COST_PATTERN, timeout_text

LONGEST_NAME = 64
"""Characters that every framework takes in the name of a tool."""
_PAYS = Effects(pays=True, idempotent=False)
_LOOKS = Effects(read_only=True)
_READS = Effects(read_only=True, open_world=False)


@frozen(kw_only=True)
class Plan:
    """One of the general tools, without what it does."""

    title: str
    effects: Effects
    required: Sequence[str] = ()
    optional: Sequence[str] = ()


PLANS: Mapping[str, Plan] = {
    "list_operations": Plan(title="List operations", effects=_READS, optional=("provider", "kind", "search")),
    "describe_operation": Plan(title="Describe an operation", effects=_READS, required=("operation",)),
    "quote": Plan(title="Quote a job", effects=_READS, required=("operation", "parameters")),
    "generate": Plan(
        title="Make something (paid)",
        effects=_PAYS,
        required=("operation", "parameters"),
        optional=("max_cost", "idempotency_key"),
    ),
    "submit_task": Plan(
        title="Submit a paid job",
        effects=_PAYS,
        required=("operation", "parameters"),
        optional=("max_cost", "idempotency_key"),
    ),
    "wait_task": Plan(title="Wait for a task", effects=_LOOKS, required=("task_id",), optional=("timeout_s",)),
    "get_task": Plan(title="Look at a task", effects=_LOOKS, required=("task_id",)),
    "list_tasks": Plan(title="List tasks", effects=_READS, optional=("limit", "statuses", "provider")),
    "download_task": Plan(
        title="Download a task's files", effects=Effects(), required=("task_id",), optional=("folder",)
    ),
    "cancel_task": Plan(title="Cancel a task", effects=Effects(destructive=True), required=("task_id",)),
}
"""In the order in which a job needs them."""


def schema_of(plan: Plan, longest: float) -> dict[str, Any]:
    """Give the JSON Schema of a tool's arguments; a wait lasts at most `longest` seconds."""
    properties = _properties(longest)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(plan.required),
        "properties": {name: properties[name] for name in (*plan.required, *plan.optional)},
    }


def tool_name(operation: Operation) -> str:
    """Give the name of an operation's own tool: `acme_text_to_image`."""
    return re.sub("[^A-Za-z0-9]+", "_", operation.name)[:LONGEST_NAME]


def _properties(longest: float) -> dict[str, dict[str, Any]]:
    limits: dict[str, dict[str, Any]] = {
        "task_id": {"type": "string", "minLength": 4, "maxLength": 200},
        "provider": {"type": "string", "maxLength": 100},
        "operation": {"type": "string", "minLength": 3, "maxLength": 200},
        "parameters": {"type": "object"},
        "max_cost": {"type": "string", "maxLength": 40, "pattern": MAX_COST_PATTERN},
        "idempotency_key": {"type": "string", "minLength": 1, "maxLength": 200},
        "kind": {"type": "string", "enum": [kind.value for kind in Kind]},
        "search": {"type": "string", "minLength": 1, "maxLength": 100},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100},
        "statuses": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "enum": [status.value for status in Status]},
        },
        "folder": {"type": "string", "minLength": 1, "maxLength": 4000},
        "timeout_s": {"type": "number", "minimum": 0},
    }
    texts = {**ARGUMENTS, "timeout_s": timeout_text(longest)}
    return {name: {**limit, "description": texts[name]} for name, limit in limits.items()}
