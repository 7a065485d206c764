"""The creation endpoints as one table: path, type, group, usual life, price, parameters and source of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from taskferry_tripo.sandbox import editing, prices
from taskferry_tripo.sandbox.generation import FROM_IMAGE, FROM_TEXT, FROM_VIEWS
from taskferry_tripo.sandbox.rules import Rules, one_of, text, whole
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
        rules={**editing.PICTURE, "prompt": text(1800, 1)},
        required=("prompt",),
    ),
    Capability(
        path="generation/image-to-image",
        type="generate_image",
        group="image-generation",
        queue=1,
        run=12,
        price=prices.fixed(5),
        rules={**editing.PICTURE, "prompt": text(1800)},
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
        rules=editing.TEXTURE,
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
        rules=editing.CONVERSION,
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
        rules=editing.RIG,
        required=("input",),
        source=RIGGABLE,
    ),
    Capability(
        path="animations/retarget",
        type="animate_retarget",
        group="animation",
        run=15,
        price=prices.each("animations", 10),
        rules=editing.RETARGET,
        required=("input",),
        source=RIGS,
    ),
    Capability(
        path="mesh/segment",
        type="mesh_segmentation",
        group="mesh",
        run=60,
        price=prices.fixed(40),
        rules=editing.SEGMENT,
        required=("input",),
        source=MODELS,
    ),
    Capability(
        path="mesh/smartsegment",
        type="smart_segmentation",
        group="mesh",
        run=20,
        price=prices.fixed(40),
        rules=editing.SMART_SEGMENT,
        required=("input", "seg_type"),
        source=PICTURES_OR_MODELS,
    ),
    Capability(
        path="mesh/complete",
        type="mesh_completion",
        group="mesh",
        run=60,
        price=prices.fixed(50),
        rules=editing.COMPLETE,
        required=("input",),
        source=SEGMENTS,
    ),
    Capability(
        path="mesh/decimate",
        type="highpoly_to_lowpoly",
        group="mesh",
        price=prices.fixed(30),
        rules=editing.DECIMATE,
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
