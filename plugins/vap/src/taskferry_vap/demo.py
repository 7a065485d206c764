"""The jobs that `taskferry demo` runs at VAP's stand-in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

JOBS: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("vap/image", {"prompt": "A small red fox asleep in fresh snow, soft morning light", "aspect_ratio": "16:9"}),
    ("vap/video", {"prompt": "Slow pan over waves at dusk", "duration": 4, "generate_audio": True}),
    (
        "vap/music",
        {"prompt": "Warm lo-fi hip hop with soft piano and vinyl crackle, calm and nostalgic", "duration": 30},
    ),
)
