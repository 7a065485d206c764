"""The parameters of Tripo's model generation, each with its type, its limits and what it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEFAULT_MODEL = "v3.1-20260211"
"""Sent whenever the caller names none, because v3 refuses a job without a model: the best of the H line, at its price.

The vendor's SDK would send v2.5-20250123, the oldest, which knows few of the options."""

NO_EMOJI = "^[^\u2600-\u27bf\u20e3\ufe0f\U0001f000-\U0001faff]*$"
"""Anything without the blocks of symbols and emoji, which Tripo refuses with code 2009."""

Schema = Mapping[str, Any]

PROMPT: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 1024,
    "pattern": NO_EMOJI,
    "x-message": "It takes 1 to 1024 characters, without emoji or symbol characters.",
    "description": "What to make, in up to 1024 characters; no emoji.",
    "examples": ["a small red fox"],
}
NEGATIVE_PROMPT: Schema = {
    "type": "string",
    "maxLength": 255,
    "description": "What to avoid, in up to 255 characters.",
}
IMAGE_SEED: Schema = {"type": "integer", "description": "Fixes the stage that turns the text into a picture."}


def image(description: str) -> dict[str, Any]:
    """Describe a picture: a local file, a public URL, a token of an uploaded file, or the id of a Tripo task."""
    return {
        "type": "string",
        "format": "media",
        "minLength": 1,
        "x-accepts": ["image/jpeg", "image/png", "image/webp"],
        "x-max-bytes": 20 * 1024 * 1024,
        "x-takes-ids": True,
        "not": {
            "pattern": "^data:",
            "x-message": "Tripo takes no data: URL; give a file, an http(s) URL, a file token or a task id.",
        },
        "description": f"{description} A local JPEG, PNG or WebP of at most 20 MB, an http(s) URL that anyone can read,"
        " a `file_...` token, or the id of a Tripo task that made a picture. 20 to 6000 pixels a side, better 256 or"
        " more.",
    }


IMAGE: Schema = image("The picture to turn into a model.")

COMMON: Mapping[str, Schema] = {
    "model": {
        "type": "string",
        "enum": [DEFAULT_MODEL, "v3.0-20250812", "v2.5-20250123", "P1-20260311", "P2-20260801"],
        "default": DEFAULT_MODEL,
        "description": "Which generator: the v lines make detailed meshes, P1 and P2 (preview) clean low-poly ones."
        " v2.5 may refuse the quality, quad, parts, size and compression options.",
    },
    "seed": {"type": "integer", "description": "Fixes the geometry, so that the same request gives the same shape."},
    "texture_seed": {"type": "integer", "description": "Fixes the texture."},
    "face_limit": {
        "type": "integer",
        "minimum": 1,
        "maximum": 2_000_000,
        "description": "At most this many faces; Tripo chooses when it is left out. The limit depends on the model:"
        " v3.1 1,500,000 (2,000,000 with detailed geometry), v3.0 1,000,000, v2.5 500,000, P1 48 to 20,000,"
        " P2 48 to 50,000 (25,000 quads); with smart_low_poly 500 to 20,000 (10,000 quads).",
        "examples": [10_000],
    },
    "texture": {
        "type": "boolean",
        "default": True,
        "description": "Paint the model; a bare mesh, which costs less, needs both texture and pbr to be false.",
    },
    "pbr": {
        "type": "boolean",
        "default": True,
        "description": "Make physically based materials; true turns the texture on, whatever `texture` says.",
    },
    "texture_quality": {
        "type": "string",
        "enum": ["standard", "detailed", "extreme", "fast"],
        "default": "standard",
        "description": "Detail of the texture; extreme is 8K; fast needs a texture_version of v3.5.",
    },
    "texture_version": {
        "type": "string",
        "minLength": 1,
        "description": "Which texture generator; Tripo chooses when it is left out.",
        "examples": ["v3.5-20260815"],
    },
    "geometry_quality": {
        "type": "string",
        "enum": ["standard", "detailed"],
        "default": "standard",
        "description": "Detail of the mesh; for the v3 models.",
    },
    "quad": {
        "type": "boolean",
        "default": False,
        "description": "Make quads instead of triangles; the file is then FBX instead of GLB.",
    },
    "smart_low_poly": {
        "type": "boolean",
        "default": False,
        "description": "Build a low-poly mesh as if by hand; may fail on complex shapes.",
    },
    "generate_parts": {
        "type": "boolean",
        "default": False,
        "description": "Make the model in parts; needs texture, pbr and quad to be false.",
    },
    "auto_size": {
        "type": "boolean",
        "default": False,
        "description": "Scale the model to its size in the real world, in metres; for textured models.",
    },
    "compress": {
        "type": "string",
        "enum": ["geometry"],
        "description": "Compress the mesh (meshopt), which the viewer has to support.",
    },
    "export_uv": {
        "type": "boolean",
        "default": True,
        "description": "Unwrap the texture coordinates; false is faster.",
    },
    "export_orientation": {
        "type": "string",
        "enum": ["+x", "-x", "+y", "-y"],
        "description": "Which way the model faces.",
    },
    "delight": {"type": "boolean", "description": "Take the light of the source picture out of the texture."},
    "return_multiview": {"type": "boolean", "description": "Give the four views that the model was made from as well."},
    "render_video": {"type": "boolean", "description": "Give a video of the turning model as well."},
    "render_sequence": {"type": "boolean", "description": "Give a sequence of pictures of the turning model as well."},
    "check_printable": {
        "type": "boolean",
        "description": "Check whether the model can be printed; for accounts that have this ability.",
    },
    "style_image": image("A picture whose style the texture takes."),
    "priority": {
        "type": "integer",
        "minimum": 1,
        "maximum": 3,
        "description": "Rank in Tripo's queue; for accounts that have this ability.",
    },
}

IMAGE_ONLY: Mapping[str, Schema] = {
    "texture_alignment": {
        "type": "string",
        "enum": ["original_image", "geometry"],
        "default": "original_image",
        "description": "Whether the texture follows the picture or the mesh.",
    },
    "orientation": {
        "type": "string",
        "enum": ["default", "align_image"],
        "default": "default",
        "description": "align_image turns the model as the picture shows it; for textured models.",
    },
    "enable_image_autofix": {
        "type": "boolean",
        "default": False,
        "description": "Let Tripo improve the picture before it begins.",
    },
}
