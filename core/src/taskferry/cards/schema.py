"""The published JSON Schema of cards, and what it finds wrong with one, said for the person who wrote it."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from attrs import evolve, field, frozen

from taskferry.text import clean

_DEEPEST = 30
_INTEGERS = 2**63


@frozen
class Finding:
    """One thing that is wrong, at a path in the document; its line is looked up later."""

    path: Sequence[str | int]
    what: str
    allowed: Sequence[str] = field(default=(), kw_only=True)
    nearest: str | None = field(default=None, kw_only=True)
    about_table: bool = field(default=False, kw_only=True)
    """Whether the table at the path's beginning is wrong, rather than the value of its last key."""


def card_schema() -> dict[str, Any]:
    """Give the JSON Schema 2020-12 of a card."""
    schema: dict[str, Any] = json.loads(resources.files(__package__).joinpath("schema.json").read_text("utf-8"))
    return schema


def shape_problems(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Find everything in a card's document that its schema refuses."""
    odd = list(_not_json(document, ()))
    if odd:
        yield from odd
        return
    schema, validator = _validator()
    found: list[Finding] = []
    for error in validator.iter_errors(document):
        node = _node(schema, error.schema_path[:-1])
        path = _true_path(document, error.instance_path)
        found += (evolve(one, path=(*path, *one.path)) for one in _SAID.get(error.kind.name, _other)(error, node))
    misspelt = {(*one.path[:-1], one.nearest) for one in found if one.about_table}
    yield from (one for one in found if not (one.about_table and tuple(one.path) in misspelt))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Give the known name that comes closest, if one is close."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)), None)


@cache
def _validator() -> tuple[dict[str, Any], Any]:
    import jsonschema_rs  # only where a card is read

    schema = card_schema()
    return schema, jsonschema_rs.Draft202012Validator(schema)


def _node(schema: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        schema = schema[part]
    return schema


def _true_path(document: Any, path: Sequence[str | int]) -> Sequence[str | int]:
    """Give a path with its keys as they are: the validator takes `"402"` for a place in a list."""
    true: list[str | int] = []
    for part in path:
        true.append(str(part) if isinstance(document, dict) else part)
        document = document[true[-1]]
    return true


def _not_json(value: Any, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """Find what TOML can say and JSON cannot: dates, numbers without end."""
    if len(path) > _DEEPEST:
        yield Finding(path, "is nested too deeply")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _not_json(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _not_json(inner, (*path, place))
    elif isinstance(value, float) and not math.isfinite(value):
        yield Finding(path, f"is {value}, which JSON has no number for")
    elif isinstance(value, int) and abs(value) >= _INTEGERS:
        yield Finding(path, "is a number beyond 64 bits")
    elif not isinstance(value, str | int | float):
        yield Finding(path, f"is a {type(value).__name__}; write it as text, in quotes")


def _unknown_key(error: Any, node: Mapping[str, Any]) -> Iterator[Finding]:
    known = list(node.get("properties", ()))
    for name in error.kind.unexpected:
        yield Finding(
            (name,), f'has "{clean(name, 60)}"', allowed=known, nearest=nearest(name, known), about_table=True
        )


def _lacking(error: Any, _: Mapping[str, Any]) -> Iterator[Finding]:
    yield Finding((error.kind.property,), f'lacks "{error.kind.property}"', about_table=True)


def _wrong_type(error: Any, _: Mapping[str, Any]) -> Iterator[Finding]:
    words = {
        "object": "a table",
        "array": "a list",
        "string": "text",
        "integer": "a whole number",
        "number": "a number",
    }
    wanted = " or ".join(words.get(name, name) for name in error.kind.types)
    yield Finding((), f"is {_shown(error.instance)}, not {wanted}")


def _not_listed(error: Any, node: Mapping[str, Any]) -> Iterator[Finding]:
    options = [str(option) for option in node["enum"]]
    near = nearest(error.instance, options) if isinstance(error.instance, str) else None
    yield Finding((), f"is {_shown(error.instance)}", allowed=options, nearest=near)


def _bad_name(error: Any, node: Mapping[str, Any]) -> Iterator[Finding]:
    for name in error.instance:
        if not _allows(node["pattern"], name):
            yield Finding((name,), node["x-message"])


def _unfit(_: Any, node: Mapping[str, Any]) -> Iterator[Finding]:
    """Say of a table that none of the ways to write it fits."""
    yield Finding(("",), node["x-message"], about_table=True)


def _other(error: Any, node: Mapping[str, Any]) -> Iterator[Finding]:
    said = node.get("x-message")
    about = f"is {_shown(error.instance)}, which {said}" if said else f"is wrong: {clean(error.message, 200)}"
    yield Finding((), about)


def _allows(pattern: str, name: str) -> bool:
    import jsonschema_rs  # its reading of a pattern is the one that counts

    return bool(jsonschema_rs.is_valid({"pattern": pattern}, name))


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return clean(json.dumps(value, ensure_ascii=False), 80)


_SAID: Mapping[str, Callable[[Any, Mapping[str, Any]], Iterator[Finding]]] = {
    "additionalProperties": _unknown_key,
    "required": _lacking,
    "type": _wrong_type,
    "enum": _not_listed,
    "propertyNames": _bad_name,
    "oneOf": _unfit,
    "anyOf": _unfit,
}
"""How each kind of rule is said to be broken."""
