"""Combinations of parameters that Tripo refuses, as JSON Schema; `x-message` says in words what a rule forbids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_P1, _P2 = "P1-20260311", "P2-20260801"
_P1_REFUSES = ("quad", "smart_low_poly", "generate_parts", "geometry_quality")
"""P1 answers HTTP 400 to these even when they are false."""


def _when(then: Mapping[str, Any], **values: object) -> dict[str, Any]:
    """Make a rule that holds when every named parameter is given with that value."""
    conditions = {name: {"const": value} for name, value in values.items()}
    return {"if": {"properties": conditions, "required": list(conditions)}, "then": then}


def _faces(low: int | None, high: int, whose: str) -> dict[str, Any]:
    """Limit the number of faces; without a lower limit the parameter's own holds."""
    words = f"{whose}: {f'{low:,}' if low else 'up'} to {high:,} faces."
    limits = {"maximum": high} if low is None else {"minimum": low, "maximum": high}
    return {"properties": {"face_limit": {**limits, "x-message": words}}}


def _refused_by_p1(name: str) -> dict[str, Any]:
    message = f"{_P1} refuses {name}, whatever its value: leave it out or choose another model."
    return _when({"properties": {name: {"not": {}, "x-message": message}}}, model=_P1)


_BARE_PARTS = {
    # A single choice, so that a caller who breaks the rule in several ways is told once.
    "anyOf": [
        {
            "properties": {name: {"const": False} for name in ("texture", "pbr", "quad")},
            "required": ["texture", "pbr"],
        }
    ],
    "x-message": "generate_parts makes bare meshes of triangles: give texture=false and pbr=false, and leave quad out.",
}
_FAST_TEXTURE = {
    "required": ["texture_version"],
    "x-message": "texture_quality fast needs a texture_version of v3.5, such as v3.5-20260815.",
}
_DEFAULT_FACES = {
    # A missing model or quality counts as the default, which is why nothing is required here.
    "if": {"properties": {"model": {"const": "v3.1-20260211"}, "geometry_quality": {"const": "standard"}}},
    "then": _faces(None, 1_500_000, "v3.1 with standard geometry"),
}

COMBINATIONS: Mapping[str, Any] = {
    "model": {"allOf": [_refused_by_p1(name) for name in _P1_REFUSES]},
    "generate_parts": _when(_BARE_PARTS, generate_parts=True),
    "texture_quality": _when(_FAST_TEXTURE, texture_quality="fast"),
    "face_limit": {
        "allOf": [
            _DEFAULT_FACES,
            _when(_faces(None, 1_000_000, "v3.0"), model="v3.0-20250812"),
            _when(_faces(None, 500_000, "v2.5"), model="v2.5-20250123"),
            _when(_faces(48, 20_000, "P1"), model=_P1),
            _when(_faces(48, 50_000, "P2"), model=_P2),
            _when(_faces(48, 25_000, "P2 with quad"), model=_P2, quad=True),
            _when(_faces(500, 20_000, "smart_low_poly"), smart_low_poly=True),
            _when(_faces(500, 10_000, "smart_low_poly with quad"), smart_low_poly=True, quad=True),
        ]
    },
}
"""By the parameter that brings the rule in; where sources differ on a number of faces, the smaller one."""
