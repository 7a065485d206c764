"""The parameters of the three calls that make models, and the combinations that the service refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskferry_tripo.sandbox.rules import Rules, flag, one_of, text, whole

P1 = "P1-20260311"
P2 = "P2-20260801"
MODELS = ("v3.1-20260211", "v3.0-20250812", "v2.5-20250123", P1, P2)
OLD_MODELS = ("v1.4-20240625",)
"""In the allow-list of the SDK's tests, though the migration guide calls it retired; not for several views."""
_REFUSED_BY_P1 = ("quad", "smart_low_poly", "generate_parts", "geometry_quality")

COMMON: Rules = {
    "model_seed": whole(),
    "texture_seed": whole(),
    "face_limit": whole(1),
    "texture": flag(),
    "pbr": flag(),
    "texture_quality": one_of("standard", "detailed", "extreme", "fast"),
    "texture_version": text(100, 1),
    "geometry_quality": one_of("standard", "detailed"),
    "quad": flag(),
    "smart_low_poly": flag(),
    "generate_parts": flag(),
    "auto_size": flag(),
    "compress": one_of("geometry"),
    "export_uv": flag(),
    "export_orientation": one_of("+x", "-x", "+y", "-y"),
    "delight": flag(),
    "return_multiview": flag(),
    "render_video": flag(),
    "render_sequence": flag(),
    "check_printable": flag(),
    "priority": whole(1, 3),
}
FROM_TEXT: Rules = {
    **COMMON,
    "model": one_of(*MODELS, *OLD_MODELS),
    "prompt": text(1024, 1),
    "negative_prompt": text(255),
    "image_seed": whole(),
}
_FROM_PICTURES: Rules = {
    **COMMON,
    "texture_alignment": one_of("original_image", "geometry"),
    "orientation": one_of("default", "align_image"),
}
FROM_IMAGE: Rules = {
    **_FROM_PICTURES,
    "model": one_of(*MODELS, *OLD_MODELS),
    "enable_image_autofix": flag(),
    "image_autofix": flag(),
}
FROM_VIEWS: Rules = {**_FROM_PICTURES, "model": one_of(*MODELS), "orthographic_projection": flag()}


def refused_combinations(body: Mapping[str, Any]) -> list[str]:
    """Tell what a body asks for that does not go together."""
    model = body.get("model")
    wrong = [f"{name} is not supported by {P1}" for name in _REFUSED_BY_P1 if model == P1 and name in body]
    low, high = _faces(body)
    faces = body.get("face_limit")
    if isinstance(faces, int) and not low <= faces <= high:
        wrong.append(f"face_limit must be from {low} to {high}, not {faces}")
    if body.get("generate_parts") and (
        body.get("texture") is not False or body.get("pbr") is not False or body.get("quad")
    ):
        wrong.append("generate_parts needs texture=false, pbr=false and quad=false")
    if body.get("texture_quality") == "fast" and not str(body.get("texture_version", "")).startswith("v3.5"):
        wrong.append("texture_quality fast needs a texture_version of v3.5")
    return wrong


def _faces(body: Mapping[str, Any]) -> tuple[int, int]:
    """Give the least and the most faces; where sources differ, the wider range."""
    quad = body.get("quad") is True
    if body.get("smart_low_poly"):
        return 500, 10_000 if quad else 20_000
    limits = {P1: (48, 20_000), P2: (48, 25_000 if quad else 50_000), "v2.5-20250123": (1, 500_000)}
    most = 2_000_000 if body.get("geometry_quality") == "detailed" else 1_500_000
    return limits.get(str(body.get("model")), (1, most))
