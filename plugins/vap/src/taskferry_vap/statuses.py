"""VAP's words for where a task stands and for what it makes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from taskferry import Status

STATUSES: Mapping[str, Status] = MappingProxyType(
    {
        "pending": Status.QUEUED,
        "queued": Status.QUEUED,
        "reserved": Status.QUEUED,
        "executing": Status.RUNNING,
        "processing": Status.RUNNING,
        "completed": Status.SUCCEEDED,
        "failed": Status.FAILED,
    }
)
"""Two vocabularies in one: OpenAPI and tools.json say `processing`, the vendor's proxy `queued` and `executing`;
`reserved` (funds held) is a word of the PyPI client alone. A moderated task is `failed` here; its failure tells."""

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "image": "image",
        "image_generation": "image",
        "video": "video",
        "video_generation": "video",
        "music": "music",
        "music_generation": "music",
    }
)
"""Both spellings of a task's type; which of them a reply has is not documented."""
