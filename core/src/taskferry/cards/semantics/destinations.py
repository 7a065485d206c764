"""Where parameters go on the wire: each to one place, and none to the place of another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from taskferry.cards.reading.operations import parameter_spec
from taskferry.cards.schema import Finding
from taskferry.cards.semantics.places import call_parts, mentioned

Where = tuple[str | int, ...]
_PART = re.compile(r"[A-Za-z0-9_-]+")


def destination_problems(path: Where, operation: Mapping[str, Any]) -> Iterator[Finding]:
    """Find parameters that meet in the body, and those that go to two places."""
    submit, parameters = operation["submit"], operation.get("parameters", {})
    if "python" in submit:
        return
    placed = mentioned(call_parts(submit))
    taken: dict[tuple[str, ...], str] = {}
    for where in _members(submit.get("body"), ()):
        taken[where] = "the body's own member"
    for name, table in parameters.items():
        here: Where = (*path, "parameters", name)
        wire = table.get("wire", {})
        if name in placed:
            if isinstance(wire, dict) and "to" in wire:
                yield Finding((*here, "wire", "to"), f"is a second place; the call mentions {{{name}}} already")
            continue
        target = _target(submit.get("under", ""), parameter_spec(name, table).to)
        other = next((one for place, one in taken.items() if _meet(place, target)), None)
        if other is not None:
            yield Finding(here, f"goes to {'.'.join(target)} in the body, where {other} goes")
        taken[target] = f'"{name}"'


def _target(under: str, to: str) -> tuple[str, ...]:
    return tuple(_PART.findall(under) + _PART.findall(to))


def _members(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Give the paths of what a body holds itself."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inner is None or (path and not value):
        yield from [path] if path else []
        return
    for key, child in inner:
        yield from _members(child, (*path, str(key)))


def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
