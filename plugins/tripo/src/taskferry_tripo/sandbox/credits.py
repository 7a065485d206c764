"""What the service takes for each task, in credits (docs.tripo3d.ai, pricing of 1.9.7; P2 from receipts)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_FLAT: Mapping[str, int] = {
    "text_to_image": 5,
    "generate_image": 5,
    "generate_multiview_image": 10,
    "import_model": 0,
    "animate_prerigcheck": 0,
    "animate_rig": 25,
    "mesh_segmentation": 40,
    "mesh_completion": 50,
    "highpoly_to_lowpoly": 30,
    "image_to_splat": 20,
    "image_to_depth": 5,
    "mesh_uv": 10,
}
"""Those of splat, depth and uv are made up: no source tells them."""
_TEXTURE: Mapping[str, int] = {"standard": 10, "fast": 10, "detailed": 20, "extreme": 30}
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


def credits_for(type_: str, body: Mapping[str, Any]) -> Decimal:
    """Price a task of this type with these parameters."""
    if type_ in ("text_to_model", "image_to_model", "multiview_to_model"):
        return Decimal(_generation(type_, body))
    if type_ == "texture_model":
        return Decimal(_TEXTURE[body.get("texture_quality", "standard")])
    if type_ == "convert_model":
        return Decimal(10 if any(body.get(name) for name in _CONVERSION_EXTRAS) else 5)
    if type_ == "animate_retarget":
        return Decimal(10 * len(body.get("animations") or [body.get("animation")]))
    if type_ == "edit_multiview_image":
        return Decimal(5 * len(body["prompts"]))
    return Decimal(_FLAT[type_])


def _generation(type_: str, body: Mapping[str, Any]) -> int:
    model, from_text = str(body["model"]), type_ == "text_to_model"
    textured = body.get("texture", True) or body.get("pbr", True)
    texture = _TEXTURE[body.get("texture_quality", "standard")] if textured else 0
    if model.startswith("P2"):
        return 100 + texture
    if model.startswith("P1"):
        return (30 if from_text else 40) + texture
    extras = (
        (body.get("geometry_quality") == "detailed", 20),
        (body.get("smart_low_poly"), 10),
        (body.get("quad"), 5),
        (body.get("generate_parts"), 20),
    )
    return (10 if from_text else 20) + texture + sum(cost for chosen, cost in extras if chosen)
