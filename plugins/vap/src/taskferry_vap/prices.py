"""VAP's prices, as far as they were ever published; the `estimated_cost` of a create reply is the truth."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from taskferry import Amount, Operation

READ = "January 2026"
"""When the vendor's README still had the list; later ones have no prices."""


def _dollars(value: str) -> Amount:
    return Amount(value=Decimal(value), unit="USD")


PRICES: Mapping[str, Amount] = MappingProxyType(
    {
        "image": _dollars("0.18"),
        "video": _dollars("1.96"),
        "music": _dollars("0.68"),
        "streaming_campaign": _dollars("5.90"),
        "full_production": _dollars("7.90"),
        "upscale": _dollars("0.15"),
        "inpaint": _dollars("0.15"),
        "video_trim": _dollars("0.05"),
        "video_merge": _dollars("0.05"),
    }
)
"""Per task, whatever its duration. Those of edits are in a directory's listing of the vendor's tools; removing a
background and editing by prompt have none there."""

FREE = _dollars("0")
"""What a trial costs."""

HIGH_QUALITY = Decimal("1.5")
"""Factor on an image of high quality (SKILL.md)."""


def price(operation: Operation, parameters: Mapping[str, Any]) -> Amount | None:
    """Give the price of a job by the list; None for an operation that is not on it."""
    if operation.price is None:
        return None
    factor = HIGH_QUALITY if parameters.get("quality") == "high" else Decimal(1)
    return Amount(value=operation.price.value * factor * parameters.get("count", 1), unit=operation.price.unit)
