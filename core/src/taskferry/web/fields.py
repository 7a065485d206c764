"""The fields of a form, made from an operation's JSON Schema, and a form's values read back as parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from taskferry.operation import Operation
from taskferry.text import clean, harmless

_LONG_TEXT = 200
"""Characters from which on a text gets several lines."""
_NUMBERS = ("integer", "number")
_PROSE = ("prompt", "negative_prompt", "text", "lyrics", "description")


@frozen(kw_only=True)
class Field:
    """One parameter as a form asks for it."""

    name: str
    control: str
    """`select`, `number`, `text`, `prose`, `lines`, `json`, `media` or `medias`."""
    label: str
    hint: str
    required: bool
    value: str = ""
    options: Sequence[tuple[str, str]] = ()
    """Value and text; the first one leaves the parameter out."""
    limits: Mapping[str, str] = field(factory=dict)
    """Attributes of the control: min, max, step, maxlength, accept."""
    error: str = ""


def fields_of(
    operation: Operation, values: Mapping[str, Any], errors: Mapping[str, str] | None = None
) -> Sequence[Field]:
    """Give a field for each parameter, the required ones first; `values` are those that it begins with."""
    made = [
        _field(name, schema, name in operation.required, values.get(name), (errors or {}).get(name, ""))
        for name, schema in operation.parameters.get("properties", {}).items()
    ]
    return sorted(made, key=lambda one: not one.required)


def read_value(schema: Mapping[str, Any], text: str) -> Any:
    """Read what was typed for a parameter; None for nothing. What cannot be read stays text, for validation to name."""
    text = text.replace("\r\n", "\n")
    if not text.strip():
        return None
    control = _control("", schema)
    if control in ("select", "number", "json"):
        return _json_or_text(text.strip())
    if control in ("lines", "medias"):
        plain = schema.get("items", {}).get("type") in ("string", None)
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        return lines if plain else [_json_or_text(line) for line in lines]
    return text.strip() if control == "media" else text


def takes_files(schema: Mapping[str, Any]) -> bool:
    """Tell whether a parameter may be a file."""
    return _control("", schema) in ("media", "medias")


def _field(name: str, schema: Mapping[str, Any], required: bool, value: Any, error: str) -> Field:
    control = _control(name, schema)
    return Field(
        name=name,
        control=control,
        label=name.replace("_", " "),
        hint=_hint(schema, control),
        required=required,
        value=_text(control, value),
        options=_options(schema, required) if control == "select" else (),
        limits={key: text for key, text in _limits(schema, control).items() if text},
        error=error,
    )


def _control(name: str, schema: Mapping[str, Any]) -> str:
    kind, items = schema.get("type"), schema.get("items")
    items = items if isinstance(items, Mapping) else {}
    if "enum" in schema or kind == "boolean":
        return "select"
    if kind in _NUMBERS:
        return "number"
    if kind == "array":
        if items.get("format") == "media":
            return "medias"
        return "lines" if items.get("type") in ("string", *_NUMBERS) else "json"
    if kind != "string":
        return "json"
    if schema.get("format") == "media":
        return "media"
    return "prose" if name in _PROSE or schema.get("maxLength", 0) > _LONG_TEXT else "text"


def _hint(schema: Mapping[str, Any], control: str) -> str:
    bounds = [f"{word} {schema[key]}" for key, word in _BOUNDS if key in schema and not isinstance(schema[key], bool)]
    default = [f"default {_said(schema['default'])}"] if "default" in schema and control != "select" else []
    return ". ".join(filter(None, [clean(schema.get("description", "")).rstrip("."), ", ".join([*bounds, *default])]))


_BOUNDS = (
    ("minimum", "at least"),
    ("exclusiveMinimum", "more than"),
    ("maximum", "at most"),
    ("exclusiveMaximum", "less than"),
    ("minItems", "items: at least"),
    ("maxItems", "items: at most"),
)


def _options(schema: Mapping[str, Any], required: bool) -> Sequence[tuple[str, str]]:
    values = schema.get("enum", [True, False])
    default = f"default: {_said(schema['default'])}" if "default" in schema else "choose" if required else "not given"
    return [("", f"({default})"), *((_json(value), _said(value)) for value in values)]


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else _json(value)


def _limits(schema: Mapping[str, Any], control: str) -> Mapping[str, str]:
    if control == "number":
        step = schema.get("multipleOf", 1 if schema.get("type") == "integer" else "any")
        return {"min": _number(schema.get("minimum")), "max": _number(schema.get("maximum")), "step": str(step)}
    if control in ("text", "prose"):
        return {"maxlength": _number(schema.get("maxLength"))}
    if control in ("media", "medias"):
        source = schema if control == "media" else schema["items"]
        return {"accept": ",".join(source.get("x-accepts", ()))}
    return {}


def _number(value: Any) -> str:
    return "" if value is None else str(value)


def _text(control: str, value: Any) -> str:
    if value is None:
        return ""
    if control in ("lines", "medias") and isinstance(value, list):
        return "\n".join(one if isinstance(one, str) else _json(one) for one in value)
    if control in ("text", "prose", "media") and isinstance(value, str):
        return harmless(value)
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
