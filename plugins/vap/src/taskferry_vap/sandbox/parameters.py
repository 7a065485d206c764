"""What `POST /v3/tasks` takes: task types, their parameters and what is allowed in each.

Sources: the vendor's tools.json, SKILL.md and SDK, as they agree; where they do not, the wider set is accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen


@frozen
class Rule:
    """What one parameter may be."""

    default: Any
    expected: str
    """Said to a caller who got it wrong."""
    allows: Callable[[Any], bool]


@frozen(kw_only=True)
class TaskType:
    """One kind of task."""

    price: Decimal
    """US dollars, from the price list of January 2026."""
    queue: float
    """Seconds it usually waits."""
    run: float
    """Seconds it usually takes."""
    rules: Mapping[str, Rule]


def one_of(default: Any, *others: Any) -> Rule:
    """Allow exactly these values."""
    values = (default, *others)
    return Rule(default, f"one of {', '.join(map(str, values))}", lambda value: _plain(value) and value in values)


def whole(default: int, low: int, high: int) -> Rule:
    """Allow the whole numbers of a range."""
    return Rule(
        default,
        f"a whole number from {low} to {high}",
        lambda value: isinstance(value, int) and _plain(value) and low <= value <= high,
    )


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


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


TYPES: Mapping[str, TaskType] = {
    "image": TaskType(
        price=Decimal("0.18"),
        queue=1,
        run=8,
        rules={
            "aspect_ratio": one_of("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9", "9:21"),
            "quality": one_of("standard", "high"),
            "output_format": one_of("webp", "png", "jpeg"),
            "style": text(1000),
            "negative_prompt": text(1000),
        },
    ),
    "video": TaskType(
        price=Decimal("1.96"),
        queue=5,
        run=60,
        rules={
            "duration": one_of(8, 4, 6),
            "aspect_ratio": one_of("16:9", "9:16"),
            "generate_audio": flag(True),
            "resolution": one_of("720p", "1080p"),
            "negative_prompt": text(1000),
        },
    ),
    "music": TaskType(
        price=Decimal("0.68"),
        queue=3,
        run=40,
        rules={
            "duration": whole(120, 30, 480),
            "instrumental": flag(False),
            "audio_format": one_of("mp3", "wav"),
            "loudness_preset": one_of("streaming", "apple", "broadcast"),
            "style": text(1000),
            "title": text(1000),
            "custom_mode": flag(False),
        },
    ),
}

HIGH_QUALITY = Decimal("1.5")
"""What an image of high quality costs more (SKILL.md)."""


def task_type(word: Any) -> str | None:
    """Read a type in either spelling, `image` or `image_generation`; None for what is no type."""
    short = word.removesuffix("_generation") if isinstance(word, str) else None
    return short if short in TYPES else None


def complete(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the defaults of a type; what the service does not know is left out, as it ignores it."""
    return {parameter: given.get(parameter, rule.default) for parameter, rule in TYPES[name].rules.items()}


def faults_of(name: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    """Tell by parameter what is wrong with it; empty when all is well."""
    return {
        parameter: f"must be {rule.expected}, not {parameters[parameter]!r}"
        for parameter, rule in TYPES[name].rules.items()
        if not rule.allows(parameters[parameter])
    }


def price_of(name: str, parameters: Mapping[str, Any]) -> Decimal:
    """Price a task in US dollars."""
    factor = HIGH_QUALITY if parameters.get("quality") == "high" else Decimal(1)
    return TYPES[name].price * factor
