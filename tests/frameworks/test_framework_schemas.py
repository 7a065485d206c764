"""What of a schema each framework hands on to a model, shown as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from frameworks.desk import FRAMEWORKS, REASON, driver, is_here
from sources import ROOT
from taskferry import Ferry
from taskferry.tools import Toolbox

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.skipif(not all(map(is_here, FRAMEWORKS)), reason=REASON),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # frameworks warn of each other's doings
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
TITLES = {
    "langgraph": "LangChain",
    "pydantic_ai": "Pydantic AI",
    "agents": "OpenAI Agents",
    "smolagents": "smolagents",
    "google.adk": "Google ADK",
}
RULES = "rules between parameters"
GROUPS = {
    "required": "`required`",
    "additionalProperties": "`additionalProperties: false`",
    **dict.fromkeys(["allOf", "anyOf", "oneOf", "not", "if", "then", "else"], RULES),
    **dict.fromkeys(["type", "description"], "`type`, `description`"),
    **dict.fromkeys(["default", "examples"], "`default`, `examples`"),
    **dict.fromkeys(["enum", "const"], "`enum`"),
    **dict.fromkeys(
        ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"], "`minimum`, `maximum`, ..."
    ),
    **dict.fromkeys(["minLength", "maxLength", "pattern", "format"], "`minLength`, `maxLength`, `pattern`, `format`"),
    **dict.fromkeys(
        ["minItems", "maxItems", "uniqueItems", "items", "contains", "minContains", "maxContains"],
        "`items`, `minItems`, `maxItems`, ...",
    ),
    **dict.fromkeys(["x-accepts", "x-max-bytes", "x-takes-ids", "x-message"], "our own `x-...`"),
}
"""Every keyword that our schemas have, by its row."""


def constraints(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield what a tool's schema says, as row, place and value; a rule is taken whole."""
    for keyword, value in schema.items():
        if keyword in ("type", "$schema", "properties", "description", "title"):
            continue
        yield GROUPS[keyword], keyword, value
    for name, parameter in schema["properties"].items():
        for keyword, value in parameter.items():
            row = "rules within a parameter" if GROUPS[keyword] == RULES else GROUPS[keyword]
            yield row, f"{name}.{keyword}", value


def found_in(schema: Mapping[str, Any], place: str) -> Any:
    """Give what a framework's schema has at a place."""
    name, _, keyword = place.rpartition(".")
    return schema["properties"].get(name, {}).get(keyword) if name else schema.get(keyword)


def kept(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield for each constraint of a tool its row and how it got there."""
    schema = theirs["parameters"]
    for row, place, value in constraints(ours):
        if found_in(schema, place) == value or (place == "required" and set(schema["required"]) == set(value)):
            yield row, "kept"
        elif place == "allOf" and all(text in theirs["description"] for text in messages(value)):
            yield row, "in words"
        else:
            yield row, "left out"


def messages(value: Any) -> Iterator[str]:
    """Yield every text that explains a rule."""
    if isinstance(value, dict):
        if "x-message" in value:
            yield value["x-message"]
        value = list(value.values())
    for part in value if isinstance(value, list) else ():
        yield from messages(part)


async def ways(framework: str, toolbox: Toolbox) -> dict[str, str]:
    """Give for each row how a framework takes it."""
    theirs = await driver(framework).schemas(toolbox)
    found: dict[str, set[str]] = {}
    for one in toolbox.definitions:
        assert theirs[one.name]["description"].startswith(one.description)
        for row, way in kept(one.parameters, theirs[one.name]):
            found.setdefault(row, set()).add(way)
    return {row: ", ".join(sorted(way)) for row, way in found.items()}


async def test_the_guide_shows_what_each_framework_keeps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every operation of both bundled plugins as a tool of its own; the table of the docs is this one."""
    async with Ferry(home=tmp_path) as ferry:
        toolbox = Toolbox(ferry, operations=["vap/*", "tripo/*"], per_operation=True)
        columns = {TITLES[name]: await ways(name, toolbox) for name in FRAMEWORKS}

    rows = [row for row in dict.fromkeys([*GROUPS.values(), "rules within a parameter"]) if row in columns["LangChain"]]
    lines = [
        f"| of a parameter's schema | {' | '.join(columns)} |",
        f"|---|{'---|' * len(columns)}",
        *(f"| {row} | {' | '.join(column[row] for column in columns.values())} |" for row in rows),
    ]
    table = "\n".join(lines)
    with capsys.disabled():
        print(f"\n{table}")
    assert table in (ROOT / "core/docs/frameworks.md").read_text("utf-8")
