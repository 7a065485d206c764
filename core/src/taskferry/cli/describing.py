"""Operations as JSON and as a table of parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from taskferry.cli import words
from taskferry.operation import Operation

PARAMETER_HEADERS = ("PARAMETER", "TYPE", "DEFAULT", "WHAT IT IS")
_BOUNDS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "less than {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
)
_OBVIOUS = ("minLength", 1)


def operation_document(operation: Operation) -> dict[str, Any]:
    """Give an operation as the JSON that scripts read; `parameters` is its JSON Schema."""
    price = operation.price
    return {
        "name": operation.name,
        "provider": operation.provider,
        "title": operation.title,
        "description": operation.description,
        "kind": operation.kind.value,
        "parameters": operation.parameters,
        "typical": {
            "median": operation.typical.median,
            "slow": operation.typical.slow,
            "queue": operation.typical.queue,
        },
        "price": None if price is None else {"amount": f"{price.value:f}", "unit": price.unit},
        "price_note": operation.price_note,
        "example": operation.example,
    }


def parameter_rows(operation: Operation) -> list[tuple[str, str, str, str]]:
    """Give a row a parameter, the required ones first and marked with a star."""
    required = set(operation.required)
    properties = operation.parameters.get("properties", {})
    names = sorted(properties, key=lambda name: name not in required)
    return [
        (
            f"{name}*" if name in required else name,
            type_text(properties[name]),
            _default(properties[name]),
            _meaning(properties[name]),
        )
        for name in names
    ]


def type_text(schema: Mapping[str, Any]) -> str:
    """Say what a parameter takes: its choices, or its type."""
    if "enum" in schema:
        return " | ".join(str(choice) for choice in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("format") == "media":
        return "URL or @file"
    declared = schema.get("type")
    if declared == "array":
        return f"list of {type_text(schema.get('items', {}))}"
    if isinstance(declared, list):
        return " or ".join(declared)
    choices = [type_text(choice) for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ()))]
    return str(declared or " or ".join(dict.fromkeys(choices)) or "any")


def time_text(operation: Operation) -> str:
    """Say how long jobs take."""
    typical = operation.typical
    return f"usually {words.span(typical.queue + typical.median)}, 95 of 100 within {words.span(typical.slow)}"


def price_text(operation: Operation) -> str:
    """Say what jobs cost, as far as it is known beforehand."""
    parts = [words.money(operation.price) if operation.price else "", operation.price_note or ""]
    return "; ".join(part for part in parts if part) or "not known beforehand"


def short_price(operation: Operation) -> str:
    """Give the flat price; `varies` where it depends on the parameters."""
    return words.money(operation.price) if operation.price else "varies"


def _default(schema: Mapping[str, Any]) -> str:
    if "default" not in schema:
        return ""
    value = schema["default"]
    return value if isinstance(value, str) else json.dumps(value)


def _meaning(schema: Mapping[str, Any]) -> str:
    bounds = [
        text.format(schema[word]) for word, text in _BOUNDS if word in schema and (word, schema[word]) != _OBVIOUS
    ]
    inner = schema.get("items", {})
    accepted = schema.get("x-accepts") or (inner.get("x-accepts") if isinstance(inner, Mapping) else None)
    if accepted:
        bounds.append("takes " + ", ".join(re.sub(r"^\w+/", "", media_type) for media_type in accepted))
    described = str(schema.get("description", "")).strip()
    return " ".join(part for part in (described, f"({', '.join(bounds)})" if bounds else "") if part)
