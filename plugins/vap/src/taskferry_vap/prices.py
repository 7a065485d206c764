"""VAP's price list, as far as it was ever published; the `estimated_cost` of a create reply is the truth."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from taskferry import Amount

READ = "January 2026"
"""When the vendor's README still had the list; later ones have no prices."""

PRICES: Mapping[str, Amount] = MappingProxyType(
    {
        "image": Amount(value=Decimal("0.18"), unit="USD"),
        "video": Amount(value=Decimal("1.96"), unit="USD"),
        "music": Amount(value=Decimal("0.68"), unit="USD"),
    }
)
"""Per task, whatever its duration."""

HIGH_QUALITY = Decimal("1.5")
"""Factor on an image of high quality (SKILL.md)."""


def price(kind: str, parameters: Mapping[str, Any]) -> Amount | None:
    """Give the price of a task by the list; None for a kind that is not on it."""
    listed = PRICES.get(kind)
    if listed is None or parameters.get("quality") != "high":
        return listed
    return Amount(value=listed.value * HIGH_QUALITY, unit=listed.unit)
