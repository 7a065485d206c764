"""What the body of each create may hold, as JSON Schema; fields that are not named pass unread, as in the service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Schema = Mapping[str, Any]

NO_EMOJI = "^[^\\u2600-\\u27bf\\u20e3\\ufe0f\\U0001f000-\\U0001faff]*$"
MODELS = ("v3.1-20260211", "v3.0-20250812", "v2.5-20250123", "P1-20260311", "P2-20260801")
OLDEST_MODEL = "v1.4-20240625"
"""Takes no views."""
_DRAWERS = (
    "seedream_v5",
    "banana",
    "banana_pro",
    "banana2",
    "chat_image_1.5",
    "chat_image_2",
    "chat_image_2.5_flare",
    "chat_image_2.5_sunburst",
)
"""The generators of pictures, as of 2026-11."""
_FLAG: Schema = {"type": "boolean"}
_WHOLE: Schema = {"type": "integer"}


def _choice(*values: str) -> Schema:
    return {"enum": list(values)}


def _range(low: float, high: float) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high}


def _text(longest: int, shortest: int = 1) -> Schema:
    return {"type": "string", "minLength": shortest, "maxLength": longest, "pattern": NO_EMOJI}


def _body(*required: str, rules: Iterable[Schema] = (), **properties: Schema) -> Schema:
    schema = {"type": "object", "required": list(required), "properties": properties}
    return {**schema, "allOf": list(rules)} if rules else schema


def _when(then: Schema, **values: object) -> Schema:
    conditions = {name: {"const": value} for name, value in values.items()}
    return {"if": {"properties": conditions, "required": list(conditions)}, "then": then}


def _faces(low: int, high: int) -> Schema:
    return {"properties": {"face_limit": _range(low, high)}}


_P1_REFUSES = ("quad", "smart_low_poly", "generate_parts", "geometry_quality")
_RULES: tuple[Schema, ...] = (
    _when({"not": {"anyOf": [{"required": [name]} for name in _P1_REFUSES]}}, model="P1-20260311"),
    _when(_faces(48, 20_000), model="P1-20260311"),
    _when(_faces(48, 50_000), model="P2-20260801"),
    _when(_faces(48, 25_000), model="P2-20260801", quad=True),
    _when(_faces(1, 500_000), model="v2.5-20250123"),
    _when(_faces(500, 20_000), smart_low_poly=True),
    _when(_faces(500, 10_000), smart_low_poly=True, quad=True),
    _when(
        {
            "required": ["texture", "pbr"],
            "properties": {name: {"const": False} for name in ("texture", "pbr", "quad")},
        },
        generate_parts=True,
    ),
)
_SHAPE: Mapping[str, Schema] = {
    "model_seed": _WHOLE,
    "texture_seed": _WHOLE,
    "face_limit": _range(1, 2_000_000),
    "texture": _FLAG,
    "pbr": _FLAG,
    "texture_quality": _choice("standard", "detailed", "extreme", "fast"),
    "geometry_quality": _choice("standard", "detailed"),
    "quad": _FLAG,
    "smart_low_poly": _FLAG,
    "generate_parts": _FLAG,
    "auto_size": _FLAG,
    "compress": _choice("geometry"),
    "export_uv": _FLAG,
    "export_orientation": _choice("+x", "-x", "+y", "-y"),
    "priority": _range(1, 3),
}
_PICTURED: Mapping[str, Schema] = {
    **_SHAPE,
    "texture_alignment": _choice("original_image", "geometry"),
    "orientation": _choice("default", "align_image"),
}
_FACES_OF_DECIMATE: tuple[Schema, ...] = (_when(_faces(500, 10_000), quad=True),)

SCHEMAS: Mapping[str, Schema] = {
    "text_to_model": _body(
        "prompt",
        "model",
        rules=_RULES,
        prompt=_text(1024),
        negative_prompt=_text(255, 0),
        image_seed=_WHOLE,
        model=_choice(*MODELS, OLDEST_MODEL),
        **_SHAPE,
    ),
    "image_to_model": _body("input", "model", rules=_RULES, model=_choice(*MODELS, OLDEST_MODEL), **_PICTURED),
    "multiview_to_model": _body("inputs", "model", rules=_RULES, model=_choice(*MODELS), **_PICTURED),
    "text_to_image": _body(
        "prompt",
        prompt=_text(1800),
        model=_choice("seedream_v4", *_DRAWERS),
        output_format=_choice("png", "jpeg"),
    ),
    "generate_image": _body(
        rules=({"anyOf": [{"required": ["prompt"]}, {"required": ["template"]}]},),
        prompt=_text(1800),
        model=_choice(*_DRAWERS),
        output_format=_choice("png", "jpeg"),
    ),
    "generate_multiview_image": _body("input"),
    "edit_multiview_image": _body(
        "input",
        "prompts",
        prompts={
            "type": "array",
            "minItems": 1,
            "maxItems": 4,
            "items": _body("view", "prompt", view=_choice("front", "left", "back", "right"), prompt=_text(1024)),
        },
    ),
    "image_to_splat": _body("input", model_seed=_WHOLE),
    "image_to_depth": _body("input", kind=_choice("gray", "color"), process_res=_range(126, 2016)),
    "import_model": _body("input"),
    "texture_model": _body(
        "input",
        model=_choice("v2.5-20250123", "v3.0-20250812", "v3.5-20260815"),
        texture=_FLAG,
        pbr=_FLAG,
        texture_quality=_choice("standard", "detailed", "extreme", "fast"),
        texture_prompt={"type": "object", "properties": {"text": _text(1024)}},
    ),
    "convert_model": _body(
        "input",
        "format",
        format={"type": "string", "pattern": "^(?i:GLTF|USDZ|FBX|OBJ|STL|3MF)$"},
        face_limit=_range(1, 2_000_000),
        quad=_FLAG,
        texture_format=_choice("BMP", "DPX", "HDR", "JPEG", "OPEN_EXR", "PNG", "TARGA", "TIFF", "WEBP"),
        fbx_preset=_choice("blender", "mixamo", "3dsmax"),
        export_orientation=_choice("+x", "-x", "+y", "-y"),
    ),
    "animate_prerigcheck": _body("input"),
    "animate_rig": _body(
        "input",
        model=_choice("v1.0-20240301", "v2.5-20260210", "v3.0-20260909"),
        rig_type=_choice("biped", "quadruped", "hexapod", "octopod", "avian", "serpentine", "aquatic", "others"),
        spec=_choice("tripo", "mixamo", "actorcore", "unity", "unreal", "vrm"),
        out_format=_choice("glb", "fbx"),
    ),
    "animate_retarget": _body(
        "input",
        rules=({"anyOf": [{"required": ["animation"]}, {"required": ["animations"]}]},),
        animation={"type": "string", "pattern": "^preset:"},
        animations={
            "type": "array",
            "minItems": 1,
            "maxItems": 5,
            "items": {"type": "string", "pattern": "^preset:"},
        },
        out_format=_choice("glb", "fbx"),
    ),
    "mesh_segmentation": _body(
        "input",
        model=_choice("v1.0-20250506", "v2.0-20260430"),
        segmentation_granularity=_choice("simple", "balanced", "detailed"),
    ),
    "mesh_completion": _body(
        "input", model=_choice("v1.0-20250506"), completion_mode=_choice("ai_completion", "quick_cap")
    ),
    "highpoly_to_lowpoly": _body(
        "input",
        rules=_FACES_OF_DECIMATE,
        model=_choice("v1.0", "v2.0", "v3.0"),
        face_limit=_range(500, 20_000),
        quad=_FLAG,
    ),
    "mesh_uv": _body("input", export_orientation=_choice("+x", "-x", "+y", "-y")),
}
"""By task type."""
