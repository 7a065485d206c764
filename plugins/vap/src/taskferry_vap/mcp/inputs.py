"""The arguments of each tool, as JSON Schema: names, choices and defaults of the vendor's `tools.json` 1.12.4.

Those of the edits and of `get_operation` are from a directory's listing of the live server. `ai_edit` is listed with an
`aspect_ratio` and a `seed` too, which no paper on the operations knows, so they are not taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_URL = r"^[hH][tT][tT][pP][sS]?://[^\s/]"


def arguments(properties: Mapping[str, Schema] | None = None, *required: str) -> dict[str, Any]:
    """Make the schema of a tool's arguments."""
    return {
        "type": "object",
        "properties": dict(properties or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def _text(description: str, *examples: str) -> Schema:
    return {
        "type": "string",
        "minLength": 1,
        "pattern": r"\S",
        "description": description,
        "examples": list(examples),
    }


def _choice(description: str, *values: Any, default: Any = None) -> Schema:
    kind = "integer" if isinstance(values[0], int) else "string"
    schema = {"type": kind, "enum": list(values), "description": description, "examples": [values[-1]]}
    return schema if default is None else {**schema, "default": default}


def _flag(description: str, *, default: bool) -> Schema:
    return {"type": "boolean", "default": default, "description": description, "examples": [not default]}


def _whole(description: str, low: int, high: int, default: int) -> Schema:
    return {
        "type": "integer",
        "minimum": low,
        "maximum": high,
        "default": default,
        "description": description,
        "examples": [default],
    }


def _media(description: str, example: str) -> Schema:
    return {
        "type": "string",
        "pattern": _URL,
        "maxLength": 8000,
        "description": f"{description} An http(s) URL that anyone can read: VAP takes no files.",
        "examples": [example],
    }


def _moment(description: str, example: float) -> Schema:
    return {"type": "number", "minimum": 0, "description": description, "examples": [example]}


_FOX, _WAVES = "https://example.com/fox.png", "https://example.com/waves.mp4"
_PICTURE = _media("The picture.", _FOX)
_MORE_PICTURES = {
    "type": "array",
    "items": _media("A further picture.", _FOX),
    "minItems": 1,
    "maxItems": 2,
    "description": "One or two further pictures that the prompt speaks of.",
    "examples": [["https://example.com/leaves.png"]],
}
_VIDEOS = {
    "type": "array",
    "items": _media("A video.", _WAVES),
    "minItems": 2,
    "description": "Two videos or more, in the order in which they play.",
    "examples": [[_WAVES, "https://example.com/beach.mp4"]],
}

_QUALITY = _choice("How fine the picture is; high costs 1.5 times as much.", "standard", "high", default="standard")
_DURATION = _choice("Length in seconds.", 4, 6, 8, default=8)
_AUDIO = _flag("Whether the video has sound.", default=True)
_RESOLUTION = _choice("Lines of the picture.", "720p", "1080p", default="720p")
_LENGTH = _whole("Length in seconds.", 30, 480, 120)
_FORMAT = _choice("File format.", "mp3", "wav", default="mp3")

IMAGE = arguments(
    {
        "prompt": _text("What the picture shows.", "A small red fox asleep in fresh snow, soft morning light"),
        "aspect_ratio": _choice("Width to height.", "1:1", "16:9", "9:16", "4:3", "3:4", default="1:1"),
        "quality": _QUALITY,
    },
    "prompt",
)
VIDEO = arguments(
    {
        "prompt": _text(
            "What the video shows and how the camera moves, and nothing else: no instructions.",
            "Aerial shot of a coastal cliff at golden hour, gentle waves, camera slowly drifting forward",
        ),
        "duration": _DURATION,
        "aspect_ratio": _choice("Width to height.", "16:9", "9:16", default="16:9"),
        "generate_audio": _AUDIO,
        "resolution": _RESOLUTION,
        "negative_prompt": {
            "type": "string",
            "description": "What the video should not show; empty for nothing.",
            "examples": ["text, watermarks"],
        },
    },
    "prompt",
)
MUSIC = arguments(
    {
        "prompt": _text(
            "Genre, mood, instruments and tempo of the piece, in 200 to 500 characters; no instructions.",
            "Warm lo-fi hip hop with soft piano and vinyl crackle, calm and nostalgic, 80 BPM",
        ),
        "instrumental": _flag("Whether to leave out voices.", default=False),
        "duration": _LENGTH,
        "loudness_preset": _choice(
            "Loudness: streaming is -14 LUFS, apple -16, broadcast -23.",
            *("streaming", "apple", "broadcast"),
            default="streaming",
        ),
        "audio_format": _FORMAT,
    },
    "prompt",
)

UPSCALE = arguments(
    {"media_url": _PICTURE, "scale": _choice("How many times as wide and high; VAP chooses if left out.", 2, 4)},
    "media_url",
)
BACKGROUND_REMOVE = arguments({"media_url": _PICTURE}, "media_url")
INPAINT = arguments(
    {
        "media_url": _PICTURE,
        "prompt": _text("What to remove, replace or change.", "Replace the car with a bicycle"),
        "mask_url": _media("A picture that is white where the other one changes.", "https://example.com/mask.png"),
    },
    "media_url",
    "prompt",
)
AI_EDIT = arguments(
    {
        "media_url": _PICTURE,
        "prompt": _text("What to change.", "Turn the snow into autumn leaves"),
        "additional_images": _MORE_PICTURES,
    },
    "media_url",
    "prompt",
)
VIDEO_TRIM = arguments(
    {
        "media_url": _media("The video.", _WAVES),
        "start_time": _moment("Where the kept stretch begins, in seconds.", 1),
        "end_time": _moment("Where it ends, in seconds from the video's beginning.", 3.5),
    },
    "media_url",
    "start_time",
    "end_time",
)
VIDEO_MERGE = arguments({"media_urls": _VIDEOS}, "media_urls")

TASK_ID = arguments({"task_id": _text("The id that a generate tool gave.", "0j8m2q5v7x9z1c3b5n7k9h1f3d")}, "task_id")
OPERATION_ID = arguments(
    {"operation_id": _text("The id that an edit gave.", "0j8m2q5v7x9z1c3b5n7k9h1f3d")}, "operation_id"
)
LISTED = arguments(
    {
        "status": _choice("Only tasks that stand so; all if left out.", "pending", "processing", "completed", "failed"),
        "limit": _whole("How many at most, newest first.", 1, 50, 10),
    }
)
IMAGE_PRICE = arguments({"quality": _QUALITY, "num_outputs": _whole("How many pictures.", 1, 4, 1)})
VIDEO_PRICE = arguments({"duration": _DURATION, "generate_audio": _AUDIO, "resolution": _RESOLUTION})
MUSIC_PRICE = arguments({"duration": _LENGTH, "audio_format": _FORMAT})
