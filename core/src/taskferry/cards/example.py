"""Parameters of a small valid job, made from an operation's schema where nobody wrote an example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MEDIA = "https://media.example/input.png"


def example_parameters(schema: Mapping[str, Any], example: Mapping[str, Any]) -> dict[str, Any]:
    """Give the example, else the least that the schema takes."""
    if example:
        return dict(example)
    properties = schema.get("properties", {})
    return {name: example_value(properties[name]) for name in schema.get("required", ()) if name in properties}


def example_value(schema: Mapping[str, Any]) -> Any:
    """Give a value that fits a parameter's schema, as far as plain rules go; a `pattern` is not one of them."""
    if "default" in schema:
        return schema["default"]
    known = schema.get("enum") or schema.get("examples")
    if known or "const" in schema:
        return known[0] if known else schema["const"]
    if "anyOf" in schema:
        return example_value(schema["anyOf"][0])
    match schema.get("type"):
        case "string":
            return MEDIA if schema.get("format") == "media" else "a red fox".ljust(schema.get("minLength", 0), ".")
        case "integer" | "number":
            return schema.get("minimum", schema.get("maximum", 1))
        case "boolean":
            return True
        case "array":
            return [example_value(schema.get("items", {"type": "string"}))] * max(1, schema.get("minItems", 1))
        case _:
            return {}
