"""The documentation is what the code says now: generated parts, links, and the commands it shows."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from docs.schema_words import allowed, rows, rules, type_text
from docs_pages import anchors, blocks, links, pages
from docs_sessions import SHELLS, commands
from sources import ROOT, name_of
from taskferry import Operation, Registry
from taskferry.cli.group import NAMES
from taskferry.cli.parsing import parse_pairs
from taskferry.parameters import validate

PAGES = pages()
OPERATIONS = {operation.name: operation for operation in Registry(disabled="").operations()}


def test_the_generated_parts_are_current() -> None:
    """`make docs` would change nothing."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/docs/generate.py"), "--check"], capture_output=True, text=True
    )

    assert done.returncode == 0, f"Run `make docs`:\n{done.stdout[:4000]}{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    """To a file that is there, and to a heading in it."""
    broken = []
    for target in links(page):
        if "://" in target or target.startswith("mailto:"):
            continue
        place, _, anchor = target.partition("#")
        path = (page.parent / place).resolve() if place else page
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(target)

    assert broken == []


def test_every_page_of_core_and_plugins_can_be_reached_from_the_readme() -> None:
    """By links alone."""
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        reached.add(page)
        targets = {(page.parent / target.partition("#")[0]).resolve() for target in links(page) if "://" not in target}
        ahead += [path for path in targets - reached if path.suffix == ".md" and path.is_file()]

    wanted = {*ROOT.glob("core/docs/*.md"), *ROOT.glob("plugins/*/README.md")}
    assert {name_of(path) for path in wanted - reached} == set()


def test_the_first_page_leads_to_every_other() -> None:
    """At most one click from it, also to pages of a folder of their own."""
    front = ROOT / "core/docs/index.md"

    there = {(front.parent / target.partition("#")[0]).resolve() for target in links(front) if "://" not in target}

    assert {name_of(path) for path in {*front.parent.rglob("*.md")} - there - {front}} == set()


def command_lines(*, generated: bool) -> list[Any]:
    """Give every `taskferry` line of the pages' shell examples: those that `make docs` writes, or those of authors."""
    return [
        pytest.param(words[1:], id=f"{name_of(page)}:{block.line}:{number}")
        for page in PAGES
        for block in blocks(page)
        if block.language in SHELLS and block.generated == generated
        for number, (command, _) in enumerate(commands(block))
        if (words := shlex.split(command))[0] == "taskferry"
    ]


@pytest.mark.parametrize("words", command_lines(generated=False))
def test_every_command_line_that_is_shown_is_one(words: list[str]) -> None:
    """Whether it does what is shown under it, test_docs_examples.py and the tests named there try out."""
    assert words[0] in NAMES or words[0].startswith("-")


@pytest.mark.parametrize("words", command_lines(generated=True))
def test_every_generated_command_line_would_be_sent(words: list[str]) -> None:
    """Its operation is there, and takes what it is given."""
    operation = OPERATIONS[words[1]]

    parameters = validate(operation, parse_pairs(operation, words[2:]))

    assert words[0] == "run"
    assert parameters


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_on_its_plugins_page(name: str) -> None:
    """With each of its parameters described."""
    operation: Operation = OPERATIONS[name]
    own = ROOT / f"plugins/{operation.provider}/README.md"
    page = (own if own.exists() else ROOT / "contrib/providers/operations.md").read_text("utf-8")
    section = page.partition(f"\n### {name}\n")[2].partition("\n### ")[0]

    missing = [name for name in operation.parameters["properties"] if f"| `{name}`" not in section]

    assert section
    assert missing == []


@pytest.mark.parametrize(
    ("schema", "kind", "values"),
    [
        ({"type": "integer", "minimum": 4, "maximum": 8}, "integer", "4 to 8"),
        ({"type": "number", "exclusiveMinimum": 0}, "number", "more than 0"),
        ({"type": "string", "enum": ["a", "b"]}, "string", "`a`, `b`"),
        ({"enum": [1, 2]}, "int", "`1`, `2`"),
        ({"const": "only"}, "str", "`only`"),
        ({"type": ["string", "null"], "maxLength": 9}, "string or null", "at most 9 characters"),
        ({"type": "array", "items": {"type": "integer", "minimum": 1}}, "list of integer", "each 1 or more"),
        ({"type": "array", "minItems": 2, "maxItems": 2, "items": {}}, "list of any", "2 items"),
        ({"anyOf": [{"type": "string"}, {"type": "integer", "maximum": 3}]}, "string or integer", "at most 3"),
        ({"type": "string", "format": "media", "x-accepts": ["image/png"]}, "URL or file", "PNG"),
        ({"type": "string", "format": "media", "pattern": "^https?://"}, "URL", "`^https?://`"),
        ({"type": "string", "format": "media", "x-takes-ids": True}, "URL or file or id", ""),
        ({}, "any", ""),
    ],
)
def test_a_parameter_is_told_in_words(schema: dict[str, Any], kind: str, values: str) -> None:
    """Its type, and what is allowed."""
    assert (type_text(schema), allowed(schema)) == (kind, values)


def test_parts_of_objects_have_rows_of_their_own() -> None:
    """Also in arrays."""
    view = {"type": "object", "properties": {"view": {"type": "string"}}, "required": ["view"]}

    found = rows({"properties": {"seed": {}, "prompts": {"type": "array", "items": view}}, "required": ["prompts"]})

    assert [row.shown for row in found] == ["`prompts` *", "`prompts[].view` *", "`seed`"]


def test_rules_are_told_in_the_schemas_own_words_or_as_they_stand() -> None:
    """Each once."""
    schema = {
        "allOf": [
            {"if": {"required": ["a"]}, "then": {"properties": {"b": {"not": {}, "x-message": "a excludes b."}}}},
            {"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "x-message": "Give a or b."},
            {"anyOf": [{"required": ["c"]}, {"required": ["d"]}]},
        ],
        "dependentRequired": {"e": ["f", "g"]},
        "properties": {"a": {"pattern": "x", "x-message": "Of a alone."}},
    }

    assert rules(schema) == [
        "a excludes b.",
        "Give a or b.",
        '`{"anyOf": [{"required": ["c"]}, {"required": ["d"]}]}`',
        "e needs f and g.",
    ]
