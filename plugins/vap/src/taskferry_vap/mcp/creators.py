"""The tools that start a paid job, as a table; prices are those of VAP's last published list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from taskferry import ProfileTool
from taskferry_vap.mcp import inputs
from taskferry_vap.mcp.creating import Creating
from taskferry_vap.mcp.showing import OPERATION

_NAMES = MappingProxyType({"additional_images": "images", "mask_url": "mask", "media_urls": "videos"})


def _edit(name: str, title: str, description: str, schema: Mapping[str, Any], media: str = "image") -> Creating:
    return Creating(
        name=name,
        operation=f"vap/{name.replace('_', '-')}",
        title=title,
        description=f"{description} Needs Tier 1.",
        schema=schema,
        names={**_NAMES, "media_url": media},
        created=f"{title} operation created!",
        gives="output",
        label=OPERATION,
    )


TABLE: Sequence[Creating] = (
    Creating(
        name="generate_image",
        operation="vap/image",
        title="Generate image",
        description="Make one picture from a description: 0.18 USD, 0.27 in high quality.",
        schema=inputs.IMAGE,
        created="Image generation task created!",
        lines={"aspect_ratio": "Aspect Ratio: {}", "quality": "Quality: {}"},
        gives="image",
    ),
    Creating(
        name="generate_video",
        operation="vap/video",
        title="Generate video",
        description="Make a video of 4, 6 or 8 s from a description: 1.96 USD. Needs Tier 2.",
        schema=inputs.VIDEO,
        created="Video generation task created (Veo 3.1)!",
        lines={
            "duration": "Duration: {} seconds",
            "aspect_ratio": "Aspect Ratio: {}",
            "resolution": "Resolution: {}",
            "generate_audio": "Audio: {}",
        },
        gives="video",
    ),
    Creating(
        name="generate_music",
        operation="vap/music",
        title="Generate music",
        description="Make a piece of music of 30 to 480 s from a description: 0.68 USD. Needs Tier 2.",
        schema=inputs.MUSIC,
        names={"audio_format": "output_format"},
        created="Music generation task created (Suno V5)!",
        lines={"duration": "Duration: {} seconds", "instrumental": "Instrumental: {}"},
        gives="audio",
    ),
    _edit("upscale", "Upscale", "Make a picture two or four times as wide and high: 0.15 USD.", inputs.UPSCALE),
    _edit(
        "background_remove",
        "Background removal",
        "Cut out what a picture shows; no paper says what it costs.",
        inputs.BACKGROUND_REMOVE,
    ),
    _edit("inpaint", "Inpaint", "Repaint a part of a picture: 0.15 USD.", inputs.INPAINT),
    _edit("ai_edit", "AI edit", "Change a picture as a prompt says; no paper says what it costs.", inputs.AI_EDIT),
    _edit("video_trim", "Video trim", "Keep one stretch of a video: 0.05 USD.", inputs.VIDEO_TRIM, "video"),
    _edit("video_merge", "Video merge", "Join videos into one: 0.05 USD.", inputs.VIDEO_MERGE),
)
CREATORS: Sequence[ProfileTool] = tuple(row.tool() for row in TABLE)
