"""The six criteria that agents' tools are judged by, as far as a machine can check them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sources import ROOT
from taskferry.mcp.tools import PAYERS, TOOLS

BY_NAME = {tool.name: tool for tool in TOOLS}
PAYING = {payer.tool.name for payer in PAYERS}
PAGE = ROOT / "core" / "docs" / "mcp.md"
_MENTIONED = re.compile(r"\b(" + "|".join(BY_NAME) + r")\b")
_LIMITS = {"enum", "anyOf", "minimum", "maximum", "minLength", "maxLength", "pattern", "items", "additionalProperties"}
every_tool = pytest.mark.parametrize("name", sorted(BY_NAME))


def description(name: str) -> str:
    """Give a tool's description on one line."""
    return " ".join(BY_NAME[name].description.split())


@every_tool
def test_behaviour_what_it_costs_and_changes_is_said(name: str) -> None:
    """A tool that bills says so; every other one says that it does not."""
    text = description(name)

    assert ("costs money" in text) is (name in PAYING)
    if name not in PAYING:
        assert re.search(r"Free|Bills nothing|may be billed", text), text


@every_tool
def test_behaviour_the_hints_say_the_same(name: str) -> None:
    """What spends or changes something is not read-only; only cancelling destroys."""
    hints = BY_NAME[name].annotations

    assert hints is not None
    assert hints.read_only_hint is (name not in PAYING | {"cancel_task", "download_task"})
    assert hints.destructive_hint is (name == "cancel_task")
    assert hints.idempotent_hint is (name not in PAYING)
    assert hints.open_world_hint is not None


@every_tool
def test_conciseness_no_more_than_an_agent_reads(name: str) -> None:
    """Every description is paid for in every conversation."""
    text = description(name)

    assert 150 < len(text) < 800
    assert len(text.split(". ")[0]) < 140


@every_tool
def test_completeness_the_result_has_a_schema_whose_parts_are_said(name: str) -> None:
    """An object, with a title and an output schema."""
    tool = BY_NAME[name]

    assert tool.title
    assert tool.output_schema is not None
    assert tool.output_schema["type"] == "object"
    assert tool.output_schema["properties"]


@every_tool
def test_parameters_each_is_described_typed_limited_and_shown(name: str) -> None:
    """And no other is taken."""
    schema: dict[str, Any] = BY_NAME[name].parameters

    assert schema["additionalProperties"] is False
    for parameter in schema["properties"].values():
        assert len(parameter["description"]) > 20
        assert parameter["examples"]
        assert "type" in parameter or "anyOf" in parameter
        assert parameter.keys() & _LIMITS or parameter["type"] == "boolean"


@every_tool
def test_purpose_the_first_sentence_begins_with_what_it_does(name: str) -> None:
    """With a verb, and unlike that of any other tool."""
    first = description(name).split(".")[0]
    others = {description(other).split(".")[0] for other in BY_NAME if other != name}

    assert re.match(r"(Ask|Get|Keep|List|Look|Make|Show|Start|Tell|Wait)\b", first)
    assert first not in others


@every_tool
def test_usage_it_says_when_to_use_it_and_what_else_to_use(name: str) -> None:
    """When, when not, and by which other tool."""
    text = description(name)

    assert re.search(r"\b([Uu]se it|[Cc]all it|[Ff]irst choice|[Tt]o wait)\b|Wait until", text), text
    assert re.search(r"\b(Not|Never|never|instead)\b|For the present state|To wait for", text), text
    assert {other for other in _MENTIONED.findall(text) if other != name} or name == "cancel_task"


@every_tool
def test_the_docs_have_a_section_for_it(name: str) -> None:
    """What cannot be checked is written down there, tool by tool."""
    assert f"### `{name}`" in PAGE.read_text(encoding="utf-8")


def test_nothing_names_a_tool_that_is_not_there() -> None:
    """Neither advice nor descriptions."""
    files = [path for room in ("mcp", "tools") for path in Path(ROOT, "core/src/taskferry", room).rglob("*.py")]
    named = {
        found
        for path in files
        for found in re.findall(r"\b[Cc]all ([a-z]+_[a-z]+)\b", path.read_text(encoding="utf-8"))
    }

    assert named <= set(BY_NAME)
