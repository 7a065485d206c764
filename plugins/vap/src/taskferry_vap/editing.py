"""The operations that change pictures and videos that exist: VAP's `operations`, open to accounts of Tier 1.

Sources: SKILL.md and a directory's listing of the vendor's tools. How long they take is a guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskferry import InvalidParameters, Kind, Operation, Problem, Typical
from taskferry_vap.prices import PRICES
from taskferry_vap.schemas import Schema, media, parameters, prompt

_LISTED = "As a directory lists the vendor's tools: {} USD."
_NOT_LISTED = "No paper says what it costs."
_PICTURE = Typical(median=15, slow=60, queue=2)
_CUT = Typical(median=20, slow=90, queue=2)

_FOX_URL = "https://example.com/fox.png"
_WAVES_URL = "https://example.com/waves.mp4"

UPSCALE = Operation(
    name="vap/upscale",
    title="Upscale a picture",
    description="Make a picture two or four times as wide and high.",
    kind=Kind.IMAGE,
    parameters=parameters(
        {
            "image": media("The picture to enlarge.", _FOX_URL),
            "scale": {
                "type": "integer",
                "description": "How many times as wide and high; what VAP takes when it is left out is not documented.",
                "enum": [2, 4],
                "examples": [4],
            },
        },
        required=["image"],
    ),
    typical=_PICTURE,
    price=PRICES["upscale"],
    price_note=_LISTED.format("0.15"),
    example={"image": _FOX_URL, "scale": 2},
)

BACKGROUND_REMOVE = Operation(
    name="vap/background-remove",
    title="Remove a background",
    description="Cut out what a picture shows and make the rest transparent.",
    kind=Kind.IMAGE,
    parameters=parameters({"image": media("The picture to cut out from.", _FOX_URL)}, required=["image"]),
    typical=_PICTURE,
    price_note=_NOT_LISTED,
    example={"image": _FOX_URL},
)

INPAINT = Operation(
    name="vap/inpaint",
    title="Repaint a part of a picture",
    description="Paint a part of a picture anew, as a prompt says.",
    kind=Kind.IMAGE,
    parameters=parameters(
        {
            "image": media("The picture to change.", _FOX_URL),
            "prompt": prompt("What the repainted part shows.", "a red scarf"),
            "mask": media("A picture that is white where the other one changes.", "https://example.com/mask.png"),
        },
        required=["image", "prompt"],
    ),
    typical=_PICTURE,
    price=PRICES["inpaint"],
    price_note=_LISTED.format("0.15"),
    example={"image": _FOX_URL, "prompt": "a red scarf", "mask": "https://example.com/mask.png"},
)

AI_EDIT = Operation(
    name="vap/ai-edit",
    title="Edit a picture by prompt",
    description="Change a picture as a prompt says, with further pictures to take things from.",
    kind=Kind.IMAGE,
    parameters=parameters(
        {
            "image": media("The picture to change.", _FOX_URL),
            "prompt": prompt("What to change.", "turn the snow into autumn leaves"),
            "images": {
                "type": "array",
                "description": "Further pictures that the prompt speaks of.",
                "items": media("A further picture.", "https://example.com/leaves.png"),
                "minItems": 1,
                "examples": [["https://example.com/leaves.png"]],
            },
        },
        required=["image", "prompt"],
    ),
    typical=_PICTURE,
    price_note=_NOT_LISTED,
    example={"image": _FOX_URL, "prompt": "turn the snow into autumn leaves"},
)


def _moment(description: str, example: float) -> Schema:
    return {"type": "number", "description": description, "minimum": 0, "examples": [example]}


VIDEO_TRIM = Operation(
    name="vap/video-trim",
    title="Trim a video",
    description="Keep one stretch of a video.",
    kind=Kind.VIDEO,
    parameters=parameters(
        {
            "video": media("The video to trim.", _WAVES_URL),
            "start_time": _moment("Where the kept stretch begins, in seconds.", 1),
            "end_time": _moment("Where it ends, in seconds from the video's beginning; after `start_time`.", 3.5),
        },
        required=["video", "start_time", "end_time"],
    ),
    typical=_CUT,
    price=PRICES["video_trim"],
    price_note=_LISTED.format("0.05"),
    example={"video": _WAVES_URL, "start_time": 1, "end_time": 3},
)

VIDEO_MERGE = Operation(
    name="vap/video-merge",
    title="Merge videos",
    description="Join videos into one.",
    kind=Kind.VIDEO,
    parameters=parameters(
        {
            "videos": {
                "type": "array",
                "description": "Two videos or more, in the order in which they play.",
                "items": media("One of the videos.", _WAVES_URL),
                "minItems": 2,
                "examples": [[_WAVES_URL, "https://example.com/beach.mp4"]],
            },
        },
        required=["videos"],
    ),
    typical=_CUT,
    price=PRICES["video_merge"],
    price_note=_LISTED.format("0.05"),
    example={"videos": [_WAVES_URL, "https://example.com/beach.mp4"]},
)

EDITS: Sequence[Operation] = (UPSCALE, BACKGROUND_REMOVE, INPAINT, AI_EDIT, VIDEO_TRIM, VIDEO_MERGE)


def check_stretch(operation: Operation, given: Mapping[str, Any]) -> None:
    """Raise InvalidParameters for a stretch of time that ends before it begins, which no schema can say."""
    start, end = given.get("start_time"), given.get("end_time")
    if start is not None and end is not None and end <= start:
        message = f"The stretch has to end after it begins: {end} is not after start_time {start}."
        raise InvalidParameters(operation.name, [Problem(path="end_time", value=end, message=message)])
