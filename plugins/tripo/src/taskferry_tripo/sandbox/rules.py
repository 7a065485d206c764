"""What the parameters of a create may be, as small rules that the table of capabilities is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen


@frozen
class Rule:
    """What one parameter may be."""

    expected: str
    """Said to a caller who got it wrong."""
    allows: Callable[[Any], bool]


Rules = Mapping[str, Rule]


def one_of(*values: str) -> Rule:
    """Allow exactly these texts."""
    return Rule(f"one of {', '.join(values)}", lambda value: isinstance(value, str) and value in values)


def flag() -> Rule:
    """Allow true and false."""
    return Rule("true or false", lambda value: isinstance(value, bool))


def whole(low: int | None = None, high: int | None = None) -> Rule:
    """Allow whole numbers, those of a range where it is given."""
    span = "" if low is None else f" from {low}" + ("" if high is None else f" to {high}")

    def allows(value: Any) -> bool:
        return (
            isinstance(value, int)
            and not isinstance(value, bool)
            and (low is None or value >= low)
            and (high is None or value <= high)
        )

    return Rule(f"a whole number{span}", allows)


def number() -> Rule:
    """Allow any number."""
    return Rule("a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool))


def text(longest: int, shortest: int = 0) -> Rule:
    """Allow texts of these lengths."""
    return Rule(
        f"a text of {shortest} to {longest} characters",
        lambda value: isinstance(value, str) and shortest <= len(value.strip()) and len(value) <= longest,
    )


def texts(most: int) -> Rule:
    """Allow a list of texts."""
    return Rule(
        f"a list of 1 to {most} texts",
        lambda value: (
            isinstance(value, list) and 1 <= len(value) <= most and all(isinstance(part, str) for part in value)
        ),
    )


def wrongs(rules: Rules, body: Mapping[str, Any]) -> list[str]:
    """Tell what is wrong with the parameters of a body; one that is missing or null is not looked at."""
    return [
        f"{name} must be {rule.expected}, not {body[name]!r:.100}"
        for name, rule in rules.items()
        if body.get(name) is not None and not rule.allows(body[name])
    ]
