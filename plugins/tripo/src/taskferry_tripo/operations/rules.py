"""Rules that hold for several parameters at once, as JSON Schema; `x-message` says in words what a rule forbids."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from taskferry_tripo.operations.fields import Schema


def given(**values: object) -> Schema:
    """Hold when every named parameter is given, with that value or one of those in a list."""
    return {"properties": {name: _value(value) for name, value in values.items()}, "required": list(values)}


def unless_other(**values: object) -> Schema:
    """Hold when every named parameter is left out, or given with that value or one of those in a list."""
    return {"properties": {name: _value(value) for name, value in values.items()}}


def when(condition: Schema, then: Schema) -> Schema:
    """Ask for something under a condition."""
    return {"if": condition, "then": then}


def must(message: str, *wanted: Schema) -> Schema:
    """Ask for one of several things at least; a caller who breaks the rule in several ways is told once."""
    return {"anyOf": list(wanted), "x-message": message}


def may_not(message: str, *names: str) -> Schema:
    """Refuse parameters, whatever their value; `{}` in the message stands for the name."""
    return {"properties": {name: {"not": {}, "x-message": message.format(name)} for name in names}}


def limited(message: str, name: str, **limits: object) -> Schema:
    """Narrow the limits of a parameter, by JSON Schema's own words."""
    return {"properties": {name: {**limits, "x-message": message}}}


def one_of(message: str, *names: str) -> Schema:
    """Ask for exactly one of some parameters."""
    return {"oneOf": [{"required": [name]} for name in names], "x-message": message}


def not_together(message: str, *names: str) -> Schema:
    """Take one of some parameters at most."""
    pairs = [{"required": list(pair)} for pair in combinations(names, 2)]
    return {"not": {"anyOf": pairs}, "x-message": message}


def needs_any(message: str, *names: str) -> Schema:
    """Ask for one of some parameters at least."""
    return {"anyOf": [{"required": [name]} for name in names], "x-message": message}


def _value(value: object) -> Mapping[str, Any]:
    return {"enum": value} if isinstance(value, list) else {"const": value}
