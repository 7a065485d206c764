"""The creation endpoints as one table: path, type, group, usual life, price, parameters and source of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from taskferry_tripo.sandbox import prices
from taskferry_tripo.sandbox.generation import FROM_IMAGE, FROM_TEXT, FROM_VIEWS, TEXTURE
from taskferry_tripo.sandbox.rules import Rules, flag, number, one_of, text, texts, whole
from taskferry_tripo.sandbox.sources import (
    IMAGES,
    MODELS,
    PICTURES_OR_MODELS,
    RIGGABLE,
    RIGS,
    SEGMENTS,
    UPLOADED_MODELS,
    VIEWS,
    Source,
)

CONCURRENCY: Mapping[str, int] = {
    "model-generation": 10,
    "p-model-generation": 5,
    "image-generation": 1,
    "model-editing": 5,
    "animation": 10,
    "mesh": 10,
}
"""Tasks queued or running at once, by the limits of v3."""


@frozen(kw_only=True)
class Capability:
    """One kind of task."""

    path: str
    """After `/v3/`."""
    type: str
    group: str
    queue: float = 2.0
    run: float = 40.0
    price: prices.Price
    rules: Rules
    required: Sequence[str] = ()
    source: Source | None = None
    """What `input` may be; None for tasks made from a prompt alone."""

    def concurrency_group(self, body: Mapping[str, Any]) -> str:
        """Give the group that a task counts against; P models have one of their own."""
        is_p = self.group == "model-generation" and str(body.get("model")).startswith("P")
        return f"p-{self.group}" if is_p else self.group


_FORMATS = ("GLTF", "FBX", "OBJ", "STL", "gltf", "fbx", "obj", "stl", "USDZ", "3MF", "usdz", "3mf")
_PICTURE: Rules = {
    "model": one_of(
        "seedream_v4",
        "seedream_v5",
        "banana",
        "banana_pro",
        "banana2",
        "chat_image_1.5",
        "chat_image_2",
        "chat_image_2.5_flare",
        "chat_image_2.5_sunburst",
    ),
    "output_format": one_of("png", "jpeg"),
    "negative_prompt": text(1800),
    "aspect_ratio": text(10),
    "size": text(20),
    "template": text(100),
    "watermark": flag(),
    "t_pose": flag(),
    "sketch_to_render": flag(),
}
_CONVERSION: Rules = {
    "format": one_of(*_FORMATS),
    "quad": flag(),
    "force_symmetry": flag(),
    "face_limit": whole(1),
    "flatten_bottom": flag(),
    "flatten_bottom_threshold": number(),
    "texture_size": whole(1),
    "texture_format": one_of("BMP", "DPX", "HDR", "JPEG", "OPEN_EXR", "PNG", "TARGA", "TIFF", "WEBP"),
    "scale_factor": number(),
    "pivot_to_center_bottom": flag(),
    "with_animation": flag(),
    "pack_uv": flag(),
    "bake": flag(),
    "export_vertex_colors": flag(),
    "fbx_preset": one_of("blender", "mixamo", "3dsmax"),
    "export_orientation": one_of("+x", "-x", "+y", "-y"),
    "animate_in_place": flag(),
}
_RIG: Rules = {
    "model": one_of("v1.0-20240301", "v2.5-20260210", "v3.0-20260909"),
    "rig_type": one_of("biped", "quadruped", "hexapod", "octopod", "avian", "serpentine", "aquatic", "others"),
    "spec": one_of("tripo", "mixamo", "actorcore", "unity", "unreal", "vrm"),
    "out_format": one_of("glb", "fbx"),
}
_RETARGET: Rules = {
    "animation": text(100, 1),
    "animations": texts(5),
    "out_format": one_of("glb", "fbx"),
    "export_with_geometry": flag(),
    "animate_in_place": flag(),
}
_SEGMENT: Rules = {
    "model": one_of("v1.0-20250506", "v2.0-20260430"),
    "segmentation_granularity": one_of("simple", "balanced", "detailed"),
    "split_by_connectivity": flag(),
}
_COMPLETE: Rules = {"model": one_of("v1.0-20250506"), "completion_mode": one_of("ai_completion", "quick_cap")}
_DECIMATE: Rules = {
    "model": one_of("v1.0", "v2.0", "v3.0"),
    "face_limit": whole(500, 20_000),
    "quad": flag(),
    "bake": flag(),
    "smart_uv": flag(),
}
_SMART_SEGMENT: Rules = {
    "seg_type": one_of("image", "model"),
    "granularity": one_of("coarse", "medium", "fine"),
    "hint": text(1024),
}

CAPABILITIES: Sequence[Capability] = (
    Capability(
        path="generation/text-to-model",
        type="text_to_model",
        group="model-generation",
        price=prices.generation(10, 30),
        rules=FROM_TEXT,
        required=("prompt", "model"),
    ),
    Capability(
        path="generation/image-to-model",
        type="image_to_model",
        group="model-generation",
        price=prices.generation(20, 40),
        rules=FROM_IMAGE,
        required=("input", "model"),
        source=IMAGES,
    ),
    Capability(
        path="generation/multiview-to-model",
        type="multiview_to_model",
        group="model-generation",
        price=prices.generation(20, 40),
        rules=FROM_VIEWS,
        required=("inputs", "model"),
        source=IMAGES,
    ),
    Capability(
        path="generation/text-to-image",
        type="text_to_image",
        group="image-generation",
        queue=1,
        run=12,
        price=prices.fixed(5),
        rules={**_PICTURE, "prompt": text(1800, 1)},
        required=("prompt",),
    ),
    Capability(
        path="generation/image-to-image",
        type="generate_image",
        group="image-generation",
        queue=1,
        run=12,
        price=prices.fixed(5),
        rules={**_PICTURE, "prompt": text(1800)},
        source=IMAGES,
    ),
    Capability(
        path="generation/image-to-multiview",
        type="generate_multiview_image",
        group="image-generation",
        queue=1,
        run=12,
        price=prices.fixed(10),
        rules={},
        required=("input",),
        source=IMAGES,
    ),
    Capability(
        path="generation/edit-multiview",
        type="edit_multiview_image",
        group="image-generation",
        queue=1,
        run=12,
        price=prices.each("prompts", 5),
        rules={},
        required=("input", "prompts"),
        source=VIEWS,
    ),
    Capability(
        path="generation/image-to-splat",
        type="image_to_splat",
        group="model-generation",
        price=prices.fixed(20),
        rules={"model_seed": whole()},
        required=("input",),
        source=IMAGES,
    ),
    Capability(
        path="generation/image-to-depth",
        type="image_to_depth",
        group="image-generation",
        queue=1,
        run=8,
        price=prices.fixed(5),
        rules={"kind": one_of("gray", "color"), "process_res": whole(126, 2016)},
        required=("input",),
        source=IMAGES,
    ),
    Capability(
        path="models/import",
        type="import_model",
        group="",
        queue=1,
        run=5,
        price=prices.fixed(0),
        rules={},
        required=("input",),
        source=UPLOADED_MODELS,
    ),
    Capability(
        path="models/texture",
        type="texture_model",
        group="model-editing",
        price=prices.texture_task,
        rules=TEXTURE,
        required=("input",),
        source=MODELS,
    ),
    Capability(
        path="models/convert",
        type="convert_model",
        group="model-editing",
        queue=1,
        run=5,
        price=prices.conversion,
        rules=_CONVERSION,
        required=("input", "format"),
        source=MODELS,
    ),
    Capability(
        path="animations/rig-check",
        type="animate_prerigcheck",
        group="animation",
        queue=1,
        run=5,
        price=prices.fixed(0),
        rules={},
        required=("input",),
        source=RIGGABLE,
    ),
    Capability(
        path="animations/rig",
        type="animate_rig",
        group="animation",
        run=30,
        price=prices.fixed(25),
        rules=_RIG,
        required=("input",),
        source=RIGGABLE,
    ),
    Capability(
        path="animations/retarget",
        type="animate_retarget",
        group="animation",
        run=15,
        price=prices.each("animations", 10),
        rules=_RETARGET,
        required=("input",),
        source=RIGS,
    ),
    Capability(
        path="mesh/segment",
        type="mesh_segmentation",
        group="mesh",
        run=60,
        price=prices.fixed(40),
        rules=_SEGMENT,
        required=("input",),
        source=MODELS,
    ),
    Capability(
        path="mesh/smartsegment",
        type="smart_segmentation",
        group="mesh",
        run=20,
        price=prices.fixed(40),
        rules=_SMART_SEGMENT,
        required=("input", "seg_type"),
        source=PICTURES_OR_MODELS,
    ),
    Capability(
        path="mesh/complete",
        type="mesh_completion",
        group="mesh",
        run=60,
        price=prices.fixed(50),
        rules=_COMPLETE,
        required=("input",),
        source=SEGMENTS,
    ),
    Capability(
        path="mesh/decimate",
        type="highpoly_to_lowpoly",
        group="mesh",
        price=prices.fixed(30),
        rules=_DECIMATE,
        required=("input",),
        source=MODELS,
    ),
    Capability(
        path="mesh/uv",
        type="mesh_uv",
        group="mesh",
        run=20,
        price=prices.fixed(10),
        rules={"export_orientation": one_of("+x", "-x", "+y", "-y")},
        required=("input",),
        source=MODELS,
    ),
)

BY_TYPE: Mapping[str, Capability] = {capability.type: capability for capability in CAPABILITIES}
