"""What VAP makes in each generation of its API, in taskferry's words."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from taskferry import Operation
from taskferry_vap.editing import EDITS
from taskferry_vap.generating import (
    IMAGE,
    IMAGE_PROMPT,
    IMAGE_RATIO,
    MUSIC,
    MUSIC_PARAMETERS,
    VIDEO,
    VIDEO_PARAMETERS,
)
from taskferry_vap.presets import PRESETS
from taskferry_vap.prices import PRICES, READ
from taskferry_vap.schemas import Schema, media, parameters
from taskferry_vap.trial import TRIAL_IMAGE

OPERATIONS: Sequence[Operation] = (IMAGE, VIDEO, MUSIC, *EDITS, *PRESETS, TRIAL_IMAGE)
"""Of V3."""


def _side(word: str) -> Schema:
    return {
        "type": "integer",
        "description": f"{word} in pixels, where the model takes one; no limits are documented.",
        "minimum": 1,
        "examples": [1024],
    }


V1_IMAGE = evolve(
    IMAGE,
    parameters=parameters(
        {
            "prompt": IMAGE_PROMPT,
            "aspect_ratio": IMAGE_RATIO,
            "width": _side("Width"),
            "height": _side("Height"),
            "output_format": {
                "type": "string",
                "description": "File format, where the model offers several; which ones is not documented.",
                "pattern": "^[a-z0-9]+$",
                "examples": ["png"],
            },
            "count": {
                "type": "integer",
                "description": "How many pictures to make, each at its price.",
                "minimum": 1,
                "maximum": 4,
                "default": 1,
                "examples": [2],
            },
        }
    ),
    price=PRICES["image"],
    price_note=f"Price list of {READ}: 0.18 USD a picture.",
)

V1_VIDEO = evolve(
    VIDEO,
    title="Text or image to video",
    parameters=parameters(
        {
            **VIDEO_PARAMETERS,
            "image": media("A picture that the video begins with.", "https://example.com/waves.png"),
        }
    ),
)

V1_MUSIC = evolve(MUSIC, parameters=parameters(MUSIC_PARAMETERS))

V1_OPERATIONS: Sequence[Operation] = (V1_IMAGE, V1_VIDEO, V1_MUSIC, *EDITS)
"""Of the Media API v1: no quality and no webhooks, for its papers name neither; no presets and no trial."""
