"""What frameworks are told about the tools, and that it is what the MCP server tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import acme
from taskferry.mcp.tools import TOOLS
from taskferry.sync import Ferry
from taskferry.tools import Toolbox, ToolCall, ToolDefinition
from taskferry.tools.schemas import LONGEST_NAME, tool_name

NAMES = (
    "list_operations describe_operation quote generate submit_task wait_task get_task list_tasks download_task "
    "cancel_task"
)
SERVED = {tool.name: tool for tool in TOOLS}


@pytest.fixture
def definitions(tmp_path: Path) -> dict[str, ToolDefinition]:
    """The general tools and those of two operations."""
    with Ferry(home=tmp_path, registry=acme.registry(), environ={}) as ferry:
        made = Toolbox(ferry, operations=["acme/image", "many/*"], per_operation=True).definitions
    return {definition.name: definition for definition in made}


def test_the_tools_are_few_and_in_the_order_of_a_job(definitions: dict[str, ToolDefinition]) -> None:
    """Then those of single operations."""
    assert list(definitions) == [*NAMES.split(), "acme_image", "many_image"]


def test_the_texts_are_those_of_the_server(definitions: dict[str, ToolDefinition]) -> None:
    """One text for one thing: titles, descriptions and the meaning of arguments, but for what differs by nature."""
    for name in NAMES.split():
        served, ours = SERVED[name], definitions[name]
        assert (ours.title, ours.description) == (served.title, served.description)
        for argument, schema in ours.parameters["properties"].items():
            if argument != "timeout_s":
                assert served.parameters["properties"][argument]["description"].startswith(schema["description"])


def test_the_effects_are_those_of_the_server(definitions: dict[str, ToolDefinition]) -> None:
    """Frameworks that ask before a call ask about the right ones."""
    for name in NAMES.split():
        hints, effects = SERVED[name].annotations, definitions[name].effects
        assert hints is not None
        assert effects.read_only is hints.read_only_hint
        assert effects.destructive is hints.destructive_hint
        assert effects.idempotent is hints.idempotent_hint
        assert effects.open_world is hints.open_world_hint
        assert effects.pays is SERVED[name].pays


def test_every_argument_is_typed_and_described(definitions: dict[str, ToolDefinition]) -> None:
    """And no other is taken."""
    for definition in definitions.values():
        schema: Any = definition.parameters
        assert schema["additionalProperties"] is False
        assert all(part["type"] and part["description"] for part in schema["properties"].values())


def test_the_name_of_an_operation_fits_every_framework() -> None:
    """Letters, digits and underscores."""
    name = tool_name(acme.IMAGE)

    assert name == "acme_image"
    assert len(name) <= LONGEST_NAME


def test_a_call_has_a_key_that_tells_runs_calls_and_jobs_apart() -> None:
    """The same three give the same key in any process."""
    calls = [ToolCall(run_id=run, call_id=call) for run in ("a", "b") for call in ("1", "2")]
    keys = {call.key(name, {"prompt": prompt}) for call in calls for name in ("x/y", "x/z") for prompt in ("p", "q")}

    assert len(keys) == 16
    assert calls[0].key("x/y", {"b": 1, "a": 2}) == calls[0].key("x/y", {"a": 2, "b": 1})
    assert all(key.startswith(("a/", "b/")) for key in keys)
