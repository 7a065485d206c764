"""Pieces of the parameters' JSON Schemas that several operations share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

_NO_FILES = "VAP takes no files: give an http(s) URL that anyone can read."


def parameters(properties: Mapping[str, Schema], *, required: Sequence[str] = ("prompt",)) -> dict[str, Any]:
    """Make the schema of an operation's parameters."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def prompt(description: str, example: str) -> Schema:
    """Describe a text that says what to make; its longest length is not documented."""
    return {
        "type": "string",
        "description": description,
        "minLength": 1,
        "pattern": r"\S",
        "examples": [example],
    }


def media(description: str, example: str) -> Schema:
    """Describe a picture or video: an address only, for VAP has no place to upload to."""
    return {
        "type": "string",
        "format": "media",
        "description": f"{description} An http(s) URL that anyone can read; no local file.",
        "pattern": r"^[hH][tT][tT][pP][sS]?://[^\s/]",
        "x-message": _NO_FILES,
        "examples": [example],
    }


def one_of(description: str, *values: Any, default: Any = None, example: Any = None) -> Schema:
    """Describe a choice; unless told otherwise, the first value is the default and the last one the example."""
    return {
        "type": "integer" if isinstance(values[0], int) else "string",
        "description": description,
        "enum": list(values),
        "default": values[0] if default is None else default,
        "examples": [values[-1] if example is None else example],
    }


def flag(description: str, *, default: bool) -> Schema:
    """Describe a yes or no; the example is the other one than the default."""
    return {"type": "boolean", "description": description, "default": default, "examples": [not default]}


WEBHOOK_URL: Schema = {
    "type": "string",
    "description": "Address that VAP posts to when the task has ended.",
    "format": "uri",
    "pattern": "^https?://",
    "examples": ["https://example.com/hooks/vap"],
}
