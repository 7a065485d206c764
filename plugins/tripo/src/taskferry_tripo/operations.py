"""What Tripo offers through taskferry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskferry import Kind, Operation, Typical
from taskferry_tripo.combinations import COMBINATIONS
from taskferry_tripo.prices import PRICE_NOTE
from taskferry_tripo.schemas import COMMON, IMAGE, IMAGE_ONLY, IMAGE_SEED, NEGATIVE_PROMPT, PROMPT

_TYPICAL = Typical(median=90.0, slow=360.0, queue=3.0)
"""Sources name 10 s for a bare P1 model, 60 s for a textured one, 1 to 10 minutes in general."""


def _schema(required: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": dict(properties),
        "required": [required],
        "additionalProperties": False,
        "dependentSchemas": dict(COMBINATIONS),
    }


OPERATIONS: Sequence[Operation] = (
    Operation(
        name="tripo/text-to-model",
        title="Text to 3D model",
        description="Makes a textured 3D model (GLB, or FBX with quad) and a preview picture from a description.",
        kind=Kind.MODEL,
        parameters=_schema(
            "prompt", {"prompt": PROMPT, "negative_prompt": NEGATIVE_PROMPT, **COMMON, "image_seed": IMAGE_SEED}
        ),
        typical=_TYPICAL,
        price_note=PRICE_NOTE,
        example={"prompt": "a small red fox"},
    ),
    Operation(
        name="tripo/image-to-model",
        title="Image to 3D model",
        description="Makes a textured 3D model (GLB, or FBX with quad) and a preview picture from one picture.",
        kind=Kind.MODEL,
        parameters=_schema("image", {"image": IMAGE, **COMMON, **IMAGE_ONLY}),
        typical=_TYPICAL,
        price_note=PRICE_NOTE,
        example={"image": "https://example.com/fox.png"},
    ),
)
