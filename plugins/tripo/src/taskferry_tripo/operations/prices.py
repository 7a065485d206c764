"""Tripo's price list of 2026-06-03, as far as it is known, for estimates; the bill is what the task says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from taskferry import Amount

LISTED = (
    "From the price list as of 2026-06-03; 100 credits are 1 USD. Held at creation, taken on success, released on"
    " failure; regions differ."
)
GENERATION_NOTE = f"By model, texture and mesh options (P2: from receipts of its preview). {LISTED}"
UNLISTED = "Tripo's price list does not name it; the task says what it took."

Body = Mapping[str, Any]
Price = Callable[[Body], Amount | None]

_HIGH, _P1, _P2 = "H", "P1", "P2"
_LINES: Mapping[str, str] = {
    "v3.1-20260211": _HIGH,
    "v3.0-20250812": _HIGH,
    "v2.5-20250123": _HIGH,
    "P1-20260311": _P1,
    "P2-20260801": _P2,
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
_CONVERSION_EXTRAS = (
    "quad",
    "face_limit",
    "flatten_bottom",
    "flatten_bottom_threshold",
    "texture_size",
    "texture_format",
    "pivot_to_center_bottom",
    "scale_factor",
)


def amount(credits_: int) -> Amount:
    """Give an amount of credits."""
    return Amount(value=Decimal(credits_), unit="credits")


def flat(credits_: int, *unpriced: str, **only: str) -> Price:
    """Give one price; none for a job with an unpriced extra, or with another value than the one that was priced."""

    def price(body: Body) -> Amount | None:
        known = all(body.get(name, value) == value for name, value in only.items())
        return amount(credits_) if known and not any(body.get(name) for name in unpriced) else None

    return price


def unknown(_: Body) -> Amount | None:
    """Give no price, which never means free."""
    return None


def each(name: str, credits_: int, *unpriced: str) -> Price:
    """Price by the length of a list, which may be left out for one."""

    def price(body: Body) -> Amount | None:
        return None if any(body.get(extra) for extra in unpriced) else amount(credits_ * len(body.get(name) or "1"))

    return price


def picture(body: Body) -> Amount:
    """Price a picture: 5 credits with the usual model; 5 or 10 with others, of which the higher is taken."""
    return amount(5 if body.get("model", "seedream_v4") == "seedream_v4" and not _has_picture(body) else 10)


def _has_picture(body: Body) -> bool:
    return bool(body.get("input") or body.get("inputs"))


def conversion(body: Body) -> Amount:
    """Price a conversion, which costs more with a change to the model."""
    return amount(10 if any(body.get(name) for name in _CONVERSION_EXTRAS) else 5)


def texturing(body: Body) -> Amount | None:
    """Price a new texture by its quality."""
    quality = body.get("texture_quality", "standard")
    if quality not in _TEXTURE or body.get("return_multiview"):
        return None
    return amount(_TEXTURE[quality])


def generation(high: int, p1: int, p2: int = 100) -> Price:
    """Price a model by what a bare one costs in each line, its texture, and the mesh options of the H line."""
    bare = {_HIGH: high, _P1: p1, _P2: p2}

    def price(body: Body) -> Amount | None:
        line = _LINES.get(body["model"])
        if line is None or any(body.get(name) for name in _UNPRICED):
            return None
        extras = sum(cost for name, (value, cost) in _HIGH_EXTRAS.items() if body.get(name) == value)
        if extras and line != _HIGH:
            return None
        texture = 0
        if body.get("texture", True) or body.get("pbr", True):  # pbr forces the texture on
            quality = body.get("texture_quality", "standard")
            if quality not in _TEXTURE:
                return None
            texture = _TEXTURE[quality]
        return amount(bare[line] + texture + extras)

    return price
