"""A provider's operations as Markdown, from what its adapters declare."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint
from typing import Any

from schema_words import allowed, rows, rules, type_text

from taskferry import Adapter, Estimates, Operation, Registry, Request
from taskferry.cli import describing, words
from taskferry.cli.example_line import example_line

HEAD = ("| parameter | type | allowed | default | what it is |", "|---|---|---|---|---|")
_LINE = 100
"""Letters of a Python call beyond which it takes several lines."""


def operations(provider: str) -> str:
    """Write what a provider offers: an overview, each operation, and how further generations of its API differ."""
    registry = Registry(entry_points=[EntryPoint(provider, f"taskferry_{provider}.plugin", "taskferry")], disabled="")
    first, *others = registry.provider(provider).adapters
    adapter = registry.adapter(provider, first)
    offered = adapter.operations
    lines = [*_overview(offered), ""]
    for operation in offered:
        lines += [*section(operation, adapter), ""]
    for generation in others:
        lines += _generation(generation, registry.adapter(provider, generation), offered)
    return "\n".join(lines)


def section(operation: Operation, adapter: object = None) -> Iterator[str]:
    """Write one operation."""
    told = "" if operation.description == operation.title else f" {operation.description}"
    yield from (f"### {operation.name}", "", f"{operation.title}.{told}", "")
    yield f"- Makes: {operation.kind.value}, {describing.time_text(operation)}."
    yield f"- Costs: {_price(operation, adapter)}"
    if not operation.needs_key:
        yield "- Needs no key."
    yield from ("", *table(operation.parameters), "")
    found = rules(operation.parameters)
    if found:
        yield from ("What goes together:", "", *(f"- {rule}" for rule in found), "")
    if operation.example:
        yield from ("```sh", example_line(operation), "```", "", "```python", python_call(operation), "```")


def _price(operation: Operation, adapter: object) -> str:
    flat = f"{words.money(operation.price)}." if operation.price else ""
    parts = [part for part in (flat, operation.price_note) if part] or ["not known beforehand."]
    if not flat and operation.example and isinstance(adapter, Estimates):
        example = adapter.estimate(Request(task_id="", operation=operation, parameters=operation.example))
        parts += [f"The example: {words.money(example)}."] if example else []
    return " ".join(parts)


def table(schema: Mapping[str, Any], names: Sequence[str] | None = None) -> list[str]:
    """Write the parameters of a schema, or some of them, as a table; the required ones come first, with a star."""
    found = [row for row in rows(schema) if names is None or row.path in names]
    return [*HEAD, *(_line(row.shown, row.schema) for row in found)] if found else ["It takes no parameters."]


def _line(name: str, schema: Mapping[str, Any]) -> str:
    default = f"`{json.dumps(schema['default'])}`" if "default" in schema else ""
    cells = (name, type_text(schema), allowed(schema), default, str(schema.get("description", "")))
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def python_call(operation: Operation) -> str:
    """Write the operation's own small example as a call."""
    arguments = [
        json.dumps(operation.name),
        *(f"{name}={_literal(value)}" for name, value in operation.example.items()),
    ]
    line = f"task = await ferry.submit({', '.join(arguments)})"
    if len(line) <= _LINE:
        return line
    return "\n".join(["task = await ferry.submit(", *(f"    {argument}," for argument in arguments), ")"])


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_literal(name)}: {_literal(inner)}' for name, inner in value.items())}}}"
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_literal, value))}]"
    return repr(value)


def _overview(offered: Sequence[Operation]) -> Iterator[str]:
    yield from ("| operation | makes | price | what it is |", "|---|---|---|---|")
    for one in offered:
        anchor = re.sub(r"[^a-z0-9 -]", "", one.name)
        price = words.money(one.price) if one.price else "see below"
        yield f"| [{one.name}](#{anchor}) | {one.kind.value} | {price} | {_cell(one.title)} |"


def _generation(name: str, adapter: Adapter, first: Sequence[Operation]) -> Iterator[str]:
    """Write how a further generation differs from the first, if it does."""
    here = {one.name: one for one in adapter.operations}
    missing = [one.name for one in first if one.name not in here]
    changed = [list(_changes(one, here[one.name])) for one in first if one.name in here]
    added = [one for one in here.values() if one.name not in {one.name for one in first}]
    if not missing and not any(changed) and not added:
        return
    yield from (f"### In generation {name}", "")
    if missing:
        yield from (f"Not offered: {', '.join(missing)}.", "")
    for lines in changed:
        yield from lines
    for one in added:
        yield from (*section(one, adapter), "")


def _changes(first: Operation, here: Operation) -> Iterator[str]:
    before, after = first.parameters.get("properties", {}), here.parameters.get("properties", {})
    without = [f"`{name}`" for name in before if name not in after]
    other = [name for name in after if before.get(name) != after[name]]
    if without:
        yield from (f"`{here.name}` is without {', '.join(without)}.", "")
    if other:
        shown = {row.path for row in rows(here.parameters) if row.path.partition("[")[0].partition(".")[0] in other}
        yield from (f"`{here.name}` takes as well, or otherwise:", "", *table(here.parameters, sorted(shown)), "")
