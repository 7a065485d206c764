"""What VAP makes, as data: parameters in taskferry's words, and what VAP's wire calls them.

Sources: the vendor's tools.json, SDK and SKILL.md; where one of them allows more, so does the schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from taskferry import Kind, Operation, Typical
from taskferry_vap.prices import PRICES, READ

WIRE_NAMES: Mapping[str, str] = MappingProxyType({"prompt": "description", "output_format": "audio_format"})
"""VAP's name of a parameter where it is not ours."""

OUTSIDE_PARAMS = frozenset({"webhook_url"})
"""Parameters that stand beside `params` in the body, not in it."""

_WEBHOOK_URL = {
    "type": "string",
    "description": "Address that VAP posts to when the task has ended.",
    "format": "uri",
    "pattern": "^https?://",
    "examples": ["https://example.com/hooks/vap"],
}


def _prompt(description: str, example: str) -> dict[str, Any]:
    return {
        "type": "string",
        "description": description,
        "minLength": 1,
        "pattern": r"\S",
        "examples": [example],
    }


def _parameters(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {**properties, "webhook_url": _WEBHOOK_URL},
        "required": ["prompt"],
        "additionalProperties": False,
    }


IMAGE = Operation(
    name="vap/image",
    title="Text to image",
    description="Make one picture from a description.",
    kind=Kind.IMAGE,
    parameters=_parameters(
        {
            "prompt": _prompt("What the picture shows.", "A small red fox asleep in fresh snow, soft morning light"),
            "aspect_ratio": {
                "type": "string",
                "description": "Width to height. When it is left out, VAP may read it from words of the prompt.",
                "enum": ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9", "9:21"],
                "default": "1:1",
                "examples": ["16:9"],
            },
            "quality": {
                "type": "string",
                "description": "How fine the picture is; high costs one and a half times as much.",
                "enum": ["standard", "high"],
                "default": "standard",
                "examples": ["high"],
            },
        }
    ),
    typical=Typical(median=15, slow=60, queue=2),
    price=PRICES["image"],
    price_note=f"Price list of {READ}: 0.18 USD, 0.27 USD in high quality.",
    example={"prompt": "A small red fox asleep in fresh snow, soft morning light", "aspect_ratio": "16:9"},
)

VIDEO = Operation(
    name="vap/video",
    title="Text to video",
    description="Make a short video, with sound unless told otherwise, from a description. Needs an account of Tier 2.",
    kind=Kind.VIDEO,
    parameters=_parameters(
        {
            "prompt": _prompt("What the video shows and how the camera moves.", "Slow pan over waves at dusk"),
            "duration": {
                "type": "integer",
                "description": "Length in seconds.",
                "enum": [4, 6, 8],
                "default": 8,
                "examples": [4],
            },
            "aspect_ratio": {
                "type": "string",
                "description": "Width to height.",
                "enum": ["16:9", "9:16"],
                "default": "16:9",
                "examples": ["9:16"],
            },
            "generate_audio": {
                "type": "boolean",
                "description": "Whether the video has sound.",
                "default": True,
                "examples": [False],
            },
            "resolution": {
                "type": "string",
                "description": "Lines of the picture.",
                "enum": ["720p", "1080p"],
                "default": "720p",
                "examples": ["1080p"],
            },
            "negative_prompt": {
                "type": "string",
                "description": "What the video should not show.",
                "minLength": 1,
                "examples": ["text, watermarks"],
            },
        }
    ),
    typical=Typical(median=75, slow=300, queue=5),
    price=PRICES["video"],
    price_note=f"Price list of {READ}: 1.96 USD at any length. A directory listing says that 1080p costs a third more.",
    example={"prompt": "Slow pan over waves at dusk", "duration": 4},
)

MUSIC = Operation(
    name="vap/music",
    title="Text to music",
    description="Make a song or an instrumental piece from a description. Needs an account of Tier 2.",
    kind=Kind.AUDIO,
    parameters=_parameters(
        {
            "prompt": _prompt(
                "Genre, mood, instruments and voice of the piece; 200 to 500 characters work best.",
                "Warm lo-fi hip hop with soft piano and vinyl crackle, calm and nostalgic",
            ),
            "duration": {
                "type": "integer",
                "description": "Length in seconds.",
                "minimum": 30,
                "maximum": 480,
                "default": 120,
                "examples": [60],
            },
            "instrumental": {
                "type": "boolean",
                "description": "Whether to leave out voices.",
                "default": False,
                "examples": [True],
            },
            "output_format": {
                "type": "string",
                "description": "File format.",
                "enum": ["mp3", "wav"],
                "default": "mp3",
                "examples": ["wav"],
            },
            "loudness_preset": {
                "type": "string",
                "description": "Loudness: streaming is -14 LUFS, apple -16, broadcast -23.",
                "enum": ["streaming", "apple", "broadcast"],
                "default": "streaming",
                "examples": ["broadcast"],
            },
            "style": {
                "type": "string",
                "description": "Style of the piece, beside what the prompt says.",
                "minLength": 1,
                "maxLength": 1000,
                "examples": ["lo-fi, jazz"],
            },
            "title": {
                "type": "string",
                "description": "Title of the piece.",
                "minLength": 1,
                "examples": ["Rainy window"],
            },
            "custom_mode": {
                "type": "boolean",
                "description": "Whether to take lyrics and style of your own; where the lyrics go is not documented.",
                "default": False,
                "examples": [True],
            },
        }
    ),
    typical=Typical(median=60, slow=240, queue=3),
    price=PRICES["music"],
    price_note=f"Price list of {READ}: 0.68 USD at any length.",
    example={"prompt": "Warm lo-fi hip hop with soft piano and vinyl crackle, calm and nostalgic", "duration": 30},
)

OPERATIONS: Sequence[Operation] = (IMAGE, VIDEO, MUSIC)
"""All of them. The typical durations are guesses from the one example of the vendor's papers (45 s for an image)."""


def kind_of(operation: Operation) -> str:
    """Give VAP's type of an operation's tasks: `image`, `video` or `music`."""
    return operation.name.partition("/")[2]


def body_of(kind: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Write parameters as the body of `POST /v3/tasks`."""
    inside = {WIRE_NAMES.get(name, name): given for name, given in parameters.items() if name not in OUTSIDE_PARAMS}
    outside = {name: given for name, given in parameters.items() if name in OUTSIDE_PARAMS}
    return {"type": kind, "params": inside, **outside}
