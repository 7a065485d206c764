"""Tripo's price list, as far as it is known, for estimates; the bill is what the task says."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from taskferry import Amount

PRICE_NOTE = (
    "Credits by model, texture and mesh options, from the price list as of 2026-06-03 (P2: from receipts of its"
    " preview); 100 credits are 1 USD. Held at creation, taken on success, released on failure; regions differ."
)
_HIGH, _P1, _P2 = "H", "P1", "P2"
_LINES: Mapping[str, str] = {
    "v3.1-20260211": _HIGH,
    "v3.0-20250812": _HIGH,
    "v2.5-20250123": _HIGH,
    "P1-20260311": _P1,
    "P2-20260801": _P2,
}
_BARE: Mapping[str, Mapping[str, int]] = {
    "tripo/text-to-model": {_HIGH: 10, _P1: 30, _P2: 100},
    "tripo/image-to-model": {_HIGH: 20, _P1: 40, _P2: 100},
}
_TEXTURE: Mapping[str, int] = {"standard": 10, "detailed": 20, "extreme": 30}
_HIGH_EXTRAS: Mapping[str, tuple[object, int]] = {
    "geometry_quality": ("detailed", 20),
    "smart_low_poly": (True, 10),
    "quad": (True, 5),
    "generate_parts": (True, 20),
}
"""The value that costs extra, and the credits."""
_UNPRICED = ("return_multiview", "render_sequence", "render_video", "check_printable", "style_image", "priority")


def price(operation: str, parameters: Mapping[str, Any]) -> Amount | None:
    """Give the price of a job, whose model has to be among the parameters; None where the list does not say."""
    line = _LINES.get(parameters["model"])
    bare = _BARE.get(operation, {}).get(line) if line else None
    if bare is None or any(parameters.get(name) for name in _UNPRICED):
        return None
    extras = sum(cost for name, (value, cost) in _HIGH_EXTRAS.items() if parameters.get(name) == value)
    if extras and line != _HIGH:
        return None
    texture = 0
    if parameters.get("texture", True) or parameters.get("pbr", True):  # pbr forces the texture on
        quality = parameters.get("texture_quality", "standard")
        if quality not in _TEXTURE:
            return None
        texture = _TEXTURE[quality]
    return Amount(value=Decimal(bare + texture + extras), unit="credits")
