"""The operations that make something from a prompt: image, video, music.

Sources: the vendor's tools.json, SDK and SKILL.md; where one of them allows more, so does the schema. The typical
durations are guesses from the one example of the vendor's papers (45 s for an image).
"""

from __future__ import annotations

from collections.abc import Mapping

from taskferry import Kind, Operation, Typical
from taskferry_vap.prices import PRICES, READ
from taskferry_vap.schemas import WEBHOOK_URL, Schema, flag, one_of, parameters, prompt

_FOX = "A small red fox asleep in fresh snow, soft morning light"
_WAVES = "Slow pan over waves at dusk"
_PIANO = "Warm lo-fi hip hop with soft piano and vinyl crackle, calm and nostalgic"

IMAGE_PROMPT = prompt("What the picture shows.", _FOX)
IMAGE_RATIO = one_of(
    "Width to height. When it is left out, VAP may read it from words of the prompt.",
    "1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9", "9:21",
    example="16:9",
)  # fmt: skip

IMAGE = Operation(
    name="vap/image",
    title="Text to image",
    description="Make one picture from a description.",
    kind=Kind.IMAGE,
    parameters=parameters(
        {
            "prompt": IMAGE_PROMPT,
            "aspect_ratio": IMAGE_RATIO,
            "quality": one_of("How fine the picture is; high costs one and a half times as much.", "standard", "high"),
            "webhook_url": WEBHOOK_URL,
        }
    ),
    typical=Typical(median=15, slow=60, queue=2),
    price=PRICES["image"],
    price_note=f"Price list of {READ}: 0.18 USD, 0.27 USD in high quality.",
    example={"prompt": _FOX, "aspect_ratio": "16:9"},
)

VIDEO_PARAMETERS: Mapping[str, Schema] = {
    "prompt": prompt("What the video shows and how the camera moves.", _WAVES),
    "duration": one_of("Length in seconds.", 4, 6, 8, default=8, example=4),
    "aspect_ratio": one_of("Width to height.", "16:9", "9:16"),
    "generate_audio": flag("Whether the video has sound.", default=True),
    "resolution": one_of("Lines of the picture.", "720p", "1080p"),
    "negative_prompt": {
        "type": "string",
        "description": "What the video should not show.",
        "minLength": 1,
        "examples": ["text, watermarks"],
    },
}

VIDEO = Operation(
    name="vap/video",
    title="Text to video",
    description="Make a short video, with sound unless told otherwise, from a description. Needs an account of Tier 2.",
    kind=Kind.VIDEO,
    parameters=parameters({**VIDEO_PARAMETERS, "webhook_url": WEBHOOK_URL}),
    typical=Typical(median=75, slow=300, queue=5),
    price=PRICES["video"],
    price_note=f"Price list of {READ}: 1.96 USD at any length. A directory listing says that 1080p costs a third more.",
    example={"prompt": _WAVES, "duration": 4},
)

MUSIC_PARAMETERS: Mapping[str, Schema] = {
    "prompt": prompt("Genre, mood, instruments and voice of the piece; 200 to 500 characters work best.", _PIANO),
    "duration": {
        "type": "integer",
        "description": "Length in seconds.",
        "minimum": 30,
        "maximum": 480,
        "default": 120,
        "examples": [60],
    },
    "instrumental": flag("Whether to leave out voices.", default=False),
    "output_format": one_of("File format.", "mp3", "wav"),
    "loudness_preset": one_of(
        "Loudness: streaming is -14 LUFS, apple -16, broadcast -23.", "streaming", "apple", "broadcast"
    ),
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
    "custom_mode": flag(
        "Whether to take lyrics and style of your own; where the lyrics go is not documented.", default=False
    ),
}

MUSIC = Operation(
    name="vap/music",
    title="Text to music",
    description="Make a song or an instrumental piece from a description. Needs an account of Tier 2.",
    kind=Kind.AUDIO,
    parameters=parameters({**MUSIC_PARAMETERS, "webhook_url": WEBHOOK_URL}),
    typical=Typical(median=60, slow=240, queue=3),
    price=PRICES["music"],
    price_note=f"Price list of {READ}: 0.68 USD at any length.",
    example={"prompt": _PIANO, "duration": 30},
)
