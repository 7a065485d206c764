"""Builders of the parameters' schemas: each gets a type, its limits and what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

_SEED_LIMIT = 2**31
NO_EMOJI = "^[^\u2600-\u27bf\u20e3\ufe0f\U0001f000-\U0001faff]*$"
"""Anything without the blocks of symbols and emoji, which Tripo refuses with code 2009."""


def _default(value: object) -> Mapping[str, Any]:
    return {} if value is None else {"default": value}


def flag(description: str, *, default: bool | None = None) -> Schema:
    """Describe a choice of yes and no; without a default Tripo's own counts, which its papers do not tell."""
    return {"type": "boolean", **_default(default), "description": description}


def choice(description: str, *values: str, default: str | None = None) -> Schema:
    """Describe a choice of words."""
    return {"type": "string", "enum": list(values), **_default(default), "description": description}


def whole(description: str, low: int, high: int, *, example: int, default: int | None = None) -> Schema:
    """Describe a whole number."""
    limits = {"minimum": low, "maximum": high}
    return {"type": "integer", **limits, **_default(default), "description": description, "examples": [example]}


def number(description: str, *, example: float, default: float | None = None, **limits: float) -> Schema:
    """Describe a number by JSON Schema's own words for its limits."""
    return {"type": "number", **limits, **_default(default), "description": description, "examples": [example]}


def seed(description: str) -> Schema:
    """Describe a number that makes chance repeatable; Tripo draws one when it is left out."""
    return whole(f"{description} Drawn by Tripo when it is left out.", -_SEED_LIMIT, _SEED_LIMIT - 1, example=7)


def word(description: str, *examples: str, longest: int = 60, pattern: str | None = None) -> Schema:
    """Describe a short text whose choices Tripo's papers do not list."""
    rule = {} if pattern is None else {"pattern": pattern}
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": longest,
        **rule,
        "description": description,
        "examples": list(examples),
    }


def prompt(description: str, longest: int, *examples: str) -> Schema:
    """Describe what to make, in words."""
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": longest,
        "pattern": NO_EMOJI,
        "x-message": f"It takes 1 to {longest} characters, without emoji or symbol characters.",
        "description": f"{description} Up to {longest} characters; no emoji.",
        "examples": list(examples),
    }


def negative_prompt(longest: int) -> Schema:
    """Describe what to avoid, in words."""
    return {
        "type": "string",
        "maxLength": longest,
        "pattern": NO_EMOJI,
        "x-message": f"It takes up to {longest} characters, without emoji or symbol characters.",
        "description": f"What to avoid, in up to {longest} characters.",
        "examples": ["blurry, extra legs"],
    }


def part_names(description: str) -> Schema:
    """Describe a list of a model's parts, by the names that a segmentation gave them."""
    return {
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": 200},
        "minItems": 1,
        "maxItems": 200,
        "uniqueItems": True,
        "description": description,
        "examples": [["tail", "left_ear"]],
    }


ORIENTATION: Schema = choice("Which way the model faces.", "+x", "-x", "+y", "-y")


def parameters(properties: Mapping[str, Schema], *required: str, rules: Sequence[Schema] = ()) -> Mapping[str, Any]:
    """Put an operation's parameters together; `rules` hold for several of them at once."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
        **({"allOf": list(rules)} if rules else {}),
    }
