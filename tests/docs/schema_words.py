"""JSON Schema in words: what type a parameter has, what is allowed, and which parameters go together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

Schema = Mapping[str, Any]
_RANGES = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " items"),
    ("minProperties", "maxProperties", " entries"),
)
_PRINTED_AT_MOST = 60
"""Letters of a pattern that is shown."""


@frozen
class Row:
    """One parameter, or one part of a parameter that has parts."""

    path: str
    """As `prompts` or `prompts[].view`."""
    shown: str
    schema: Schema


def rows(schema: Schema) -> list[Row]:
    """List the parameters of an operation, the required ones first, with the parts of objects below their owners."""
    required = set(schema.get("required", ()))
    properties = schema.get("properties", {})
    found: list[Row] = []
    for name in sorted(properties, key=lambda name: name not in required):
        found.append(Row(name, f"`{name}`{' *' if name in required else ''}", properties[name]))
        found += _parts(name, properties[name])
    return found


def _parts(path: str, schema: Schema) -> Iterator[Row]:
    if isinstance(schema.get("items"), Mapping):
        yield from _parts(f"{path}[]", schema["items"])
    for name, inner in schema.get("properties", {}).items():
        here = f"{path}.{name}"
        yield Row(here, f"`{here}`{' *' if name in schema.get('required', ()) else ''}", inner)
        yield from _parts(here, inner)


def type_text(schema: Schema) -> str:
    """Say what type a value has."""
    if schema.get("format") == "media":
        return _media(schema)
    declared = schema.get("type")
    if declared == "array":
        return f"list of {type_text(schema.get('items', {}))}"
    if isinstance(declared, str):
        return declared
    if declared:
        return " or ".join(declared)
    values = [schema["const"]] if "const" in schema else schema.get("enum", ())
    named = [*(type_text(choice) for choice in _choices(schema)), *(type(value).__name__ for value in values)]
    return " or ".join(dict.fromkeys(named)) or "any"


def _media(schema: Schema) -> str:
    pattern = schema.get("pattern")
    takes_files = pattern is None or re.search(pattern, "file:///fox.png") is not None
    kinds = ["URL", *(["file"] if takes_files else []), *(["id"] if schema.get("x-takes-ids") else [])]
    return " or ".join(kinds)


def allowed(schema: Schema) -> str:
    """Say which values are taken, beyond what the type says."""
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    parts = [*_bounds(schema)]
    if isinstance(schema.get("items"), Mapping) and (each := allowed(schema["items"])):
        parts.append(f"each {each}")
    parts += [text for choice in _choices(schema) if (text := allowed(choice))]
    return "; ".join(dict.fromkeys(parts))


def _choices(schema: Schema) -> list[Schema]:
    return [choice for word in ("anyOf", "oneOf") for choice in schema.get(word, ()) if isinstance(choice, Mapping)]


def _bounds(schema: Schema) -> Iterator[str]:
    for least, most, unit in _RANGES:
        if text := _range(schema.get(least), schema.get(most), unit):
            yield text
    for word, text in (
        ("exclusiveMinimum", "more than"),
        ("exclusiveMaximum", "less than"),
        ("multipleOf", "steps of"),
    ):
        if word in schema:
            yield f"{text} {schema[word]:,}"
    if schema.get("uniqueItems"):
        yield "none twice"
    if accepts := schema.get("x-accepts"):
        yield ", ".join(re.sub(r"^\w+/", "", media_type).upper() for media_type in accepts)
    if size := schema.get("x-max-bytes"):
        yield f"at most {size / 2**20:g} MiB"
    if "x-message" not in schema and _is_plain(schema.get("pattern", "")):
        yield f"`{schema['pattern']}`"


def _range(least: float | None, most: float | None, unit: str) -> str:
    if unit == " characters" and least == 1:
        return f"1 to {most:,}{unit}" if most else "not empty"
    if least is not None and most is not None:
        return f"{least:,}{unit}" if least == most else f"{least:,} to {most:,}{unit}"
    if least is not None:
        return f"{least:,} or more{unit}"
    return f"at most {most:,}{unit}" if most is not None else ""


def _is_plain(pattern: str) -> bool:
    return pattern not in ("", "\\S") and pattern.isascii() and len(pattern) <= _PRINTED_AT_MOST


def rules(schema: Schema) -> list[str]:
    """Say which parameters go together: in the schema's own words (`x-message`), else as the rule stands."""
    found: list[str] = []
    for rule in _conditions(schema):
        found += list(_messages(rule)) or [f"`{json.dumps(rule)}`"]
    for name, needed in schema.get("dependentRequired", {}).items():
        found.append(f"{name} needs {' and '.join(needed)}.")
    return list(dict.fromkeys(found))


def _conditions(schema: Schema) -> list[Any]:
    combined = [{word: schema[word]} for word in ("anyOf", "oneOf", "not", "dependentSchemas") if word in schema]
    condition = {word: schema[word] for word in ("if", "then", "else") if word in schema}
    return [*schema.get("allOf", ()), *combined, *([condition] if condition else [])]


def _messages(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "x-message" in node:
            yield str(node["x-message"])
            return
        for name, inner in node.items():
            if name != "if":
                yield from _messages(inner)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for inner in node:
            yield from _messages(inner)
