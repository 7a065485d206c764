"""What a parameter may be, in the words that a caller who got it wrong is told."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen


@frozen
class Rule:
    """What one parameter may be."""

    default: Any
    expected: str
    """Said to a caller who got it wrong."""
    allows: Callable[[Any], bool]


def one_of(default: Any, *others: Any) -> Rule:
    """Allow exactly these values, and to leave it out where there is no default."""
    values = others if default is None else (default, *others)
    expected = f"one of {', '.join(map(str, values))}"
    return Rule(default, expected, lambda value: value is default or (_plain(value) and value in values))


def whole(default: int | None, low: int, high: int) -> Rule:
    """Allow the whole numbers of a range, and to leave it out where there is no default."""
    return Rule(
        default,
        f"a whole number from {low} to {high}",
        lambda value: value is default or (isinstance(value, int) and _plain(value) and low <= value <= high),
    )


def seconds() -> Rule:
    """Require a place in a film, from its start, below ten minutes."""
    return Rule(None, "a number of seconds from 0 to 600", lambda value: _number(value) and 0 <= value <= 600)


def flag(default: bool) -> Rule:
    """Allow true and false."""
    return Rule(default, "true or false", lambda value: isinstance(value, bool))


def text(longest: int) -> Rule:
    """Allow a text, which may be left out."""
    return Rule(
        None,
        f"a text of at most {longest} characters",
        lambda value: value is None or (isinstance(value, str) and len(value) <= longest),
    )


def address(*, required: bool) -> Rule:
    """Allow the URL of a file."""
    return Rule(None, "an http or https URL", lambda value: _address(value) or (value is None and not required))


def addresses(least: int) -> Rule:
    """Allow a list of URLs, which may be left out where none is needed."""
    return Rule(
        None if least else [],
        f"a list of {least} or more http or https URLs" if least else "a list of http or https URLs",
        lambda value: isinstance(value, list) and len(value) >= least and all(map(_address, value)),
    )


def complete(rules: Mapping[str, Rule], given: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in defaults; what the service does not know is left out, as it ignores it."""
    return {name: given.get(name, rule.default) for name, rule in rules.items()}


def faults_of(rules: Mapping[str, Rule], parameters: Mapping[str, Any]) -> dict[str, str]:
    """Tell by parameter what is wrong with it; empty when all is well."""
    return {
        name: f"must be {rule.expected}, not {parameters[name]!r}"
        for name, rule in rules.items()
        if not rule.allows(parameters[name])
    }


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _address(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        target = urlsplit(value)
        return target.scheme in ("http", "https") and bool(target.hostname)
    except ValueError:
        return False
