"""What tasks cost in credits: the price list as of 2026-06-03, and guesses of ours where it is silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Body = Mapping[str, Any]
Price = Callable[[Body], Decimal]

_TEXTURE = {"fast": 10, "standard": 10, "detailed": 20, "extreme": 30}
_EXTRAS = (("geometry_quality", "detailed", 20), ("smart_low_poly", True, 10), ("quad", True, 5))
_PARTS = ("generate_parts", True, 20)
_CONVERT_EXTRAS = (
    "quad",
    "face_limit",
    "flatten_bottom",
    "flatten_bottom_threshold",
    "texture_size",
    "texture_format",
    "pivot_to_center_bottom",
    "scale_factor",
)


def fixed(credits_: int) -> Price:
    """Give one price for all tasks of a kind."""
    return lambda _: Decimal(credits_)


def generation(bare: int, bare_p1: int) -> Price:
    """Price a model made from text or pictures: its line, its texture, and options of the H line."""

    def price(body: Body) -> Decimal:
        line = str(body.get("model"))[:2]
        start = {"P1": bare_p1, "P2": 100}.get(line, bare)
        extras = sum(cost for name, value, cost in (*_EXTRAS, _PARTS) if body.get(name) == value)
        return Decimal(start + texture_credits(body) + extras)

    return price


def textured(body: Body) -> bool:
    """Tell whether a model gets a texture, which physically based materials force on."""
    return body.get("texture") is not False or body.get("pbr") is not False


def texture_credits(body: Body) -> int:
    """Price the texture of a model."""
    return _TEXTURE.get(str(body.get("texture_quality") or "standard"), 10) if textured(body) else 0


def texture_task(body: Body) -> Decimal:
    """Price a texture task by its quality."""
    return Decimal(_TEXTURE.get(str(body.get("texture_quality") or "standard"), 10))


def conversion(body: Body) -> Decimal:
    """Price a conversion, which costs more with any change to the model."""
    return Decimal(10 if any(body.get(name) for name in _CONVERT_EXTRAS) else 5)


def each(name: str, credits_: int) -> Price:
    """Price by the length of a list, which may be left out."""
    return lambda body: Decimal(credits_ * len(body.get(name) or [None]))
