"""Gives values that a parameter takes, from its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def values_of(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Yield some values that a parameter may take, as different from each other as they easily are."""
    yield from schema.get("enum", ())
    yield from schema.get("examples", ())
    inner = next(iter(schema.get("anyOf") or schema.get("oneOf") or ()), None)
    if inner is not None:
        yield from values_of(inner)
    match schema.get("type"):
        case "boolean":
            yield from (True, False)
        case "integer" | "number":
            low, high = schema.get("minimum", 1), schema.get("maximum", schema.get("minimum", 1) + 1)
            yield from (low, high, low + schema.get("multipleOf", 1))
        case "string":
            yield from _texts(schema)
        case "array":
            least = max(1, schema.get("minItems", 1))
            yield from ([value] * least for value in values_of(schema.get("items", {})))


def _texts(schema: Mapping[str, Any]) -> Iterator[str]:
    if schema.get("format") in ("media", "uri", "url"):
        yield from ("https://media.contract.example/a.png", "https://media.contract.example/b.png")
    longest = schema.get("maxLength", 1000)
    for text in ("contract words", "other words of the contract"):
        yield text.ljust(schema.get("minLength", 0), ".")[:longest]
