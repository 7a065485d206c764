"""What the outputs of each product are made with: sizes, lengths, formats and sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from taskferry.sandbox import Context, StandIn
from taskferry_vap.sandbox.outputs import Output, maker
from taskferry_vap.sandbox.sources import UNREAD_SECONDS, Source, find_source, refuse

_IMAGE_SIZES = {
    "1:1": (1024, 1024),
    "16:9": (1344, 756),
    "9:16": (756, 1344),
    "4:3": (1152, 864),
    "3:4": (864, 1152),
    "3:2": (1216, 810),
    "2:3": (810, 1216),
    "21:9": (1536, 658),
    "9:21": (658, 1536),
}
_SHORT_SIDES = {"720p": 360, "1080p": 540}
"""Half of what was asked for, so that a film is made in about a second."""
_LONGEST_SIDE = 8192
"""Pixels of a picture, as far as upscaling goes."""

Given = Mapping[str, Any]


def image(given: Given) -> Output:
    """Plan a picture."""
    width, height = _IMAGE_SIZES[given["aspect_ratio"]]
    size = (given["width"] or width, given["height"] or height)
    encoding = given["output_format"]
    make = maker("pictures:still", size=size, encoding=encoding)
    return Output(file=f"image.{encoding}", make=make, count=given["quantity"], size=size)


def video(given: Given) -> Output:
    """Plan a film."""
    short = _SHORT_SIDES[given["resolution"]]
    size = (short * 16 // 9, short) if given["aspect_ratio"] == "16:9" else (short, short * 16 // 9)
    seconds = float(given["duration"])
    make = maker("films:film", size=size, seconds=seconds, sound=given["generate_audio"])
    return Output(file="video.mp4", make=make, size=size, seconds=seconds)


def music(given: Given) -> Output:
    """Plan a piece of music."""
    encoding, seconds = given["audio_format"], float(given["duration"])
    make = maker("sounds:music", seconds=seconds, encoding=encoding)
    return Output(file=f"music.{encoding}", make=make, seconds=seconds)


def thumbnail() -> Output:
    """Plan the picture that stands for a film."""
    size = (1280, 720)
    return Output(file="thumbnail.jpeg", make=maker("pictures:still", size=size, encoding="jpeg"), size=size)


def seo() -> Output:
    """Plan the texts for search engines."""
    return Output(file="seo.json", make=maker("texts:seo"))


PLANS: Mapping[str, Callable[[Given], Output]] = {"image": image, "video": video, "music": music}
"""How the output of a task type is planned."""
EXTRAS: Mapping[str, Callable[[], Output]] = {"thumbnail": thumbnail, "seo": seo}
"""How the further outputs of presets are planned."""


class Edits:
    """Plans the outputs of edits from what their URLs name."""

    def __init__(self, stand_in: StandIn, context: Context) -> None:
        self._stand_in, self._context = stand_in, context

    def plan(self, operation: str, given: Given) -> dict[str, Output]:
        """Give the one output of an operation by its name; answer 422 where its sources do not do."""
        name, plan = _EDITS[operation]
        return {name: plan(self, given)}

    def upscale(self, given: Given) -> Output:
        """Plan a larger picture."""
        return self.enlarged(self._picture("media_url", given["media_url"]), given["scale"], "media_url")

    def enlarged(self, source: Source, scale: int, parameter: str) -> Output:
        """Plan a picture so many times as wide and high as its source."""
        size = (source.size[0] * scale, source.size[1] * scale)
        if max(size) > _LONGEST_SIDE:
            refuse(self._context, parameter, f"would be larger than {_LONGEST_SIDE} pixels: {size[0]} x {size[1]}")
        return Output(file="image.webp", make=maker("pictures:enlarged", source=source, size=size), size=size)

    def background_remove(self, given: Given) -> Output:
        """Plan a picture without its background."""
        source = self._picture("media_url", given["media_url"])
        return Output(file="image.png", make=maker("pictures:cut_out", source=source), size=source.size)

    def inpaint(self, given: Given) -> Output:
        """Plan a picture that is painted over in a place."""
        source = self._picture("media_url", given["media_url"])
        mask = self._picture("mask_url", given["mask_url"]) if given["mask_url"] else None
        make = maker("pictures:painted_over", source=source, prompt=given["prompt"], mask=mask)
        return Output(file="image.webp", make=make, size=source.size)

    def ai_edit(self, given: Given) -> Output:
        """Plan a picture that is changed by a prompt."""
        source = self._picture("media_url", given["media_url"])
        others = [self._picture("additional_images", url) for url in given["additional_images"]]
        make = maker("pictures:edited", source=source, prompt=given["prompt"], others=others)
        return Output(file="image.webp", make=make, size=source.size)

    def video_trim(self, given: Given) -> Output:
        """Plan a part of a film; what goes beyond its end is left out."""
        source = self._film("media_url", given["media_url"])
        start, end = float(given["start_time"]), float(given["end_time"])
        if source.seconds is not None:
            end = min(end, source.seconds)
        if start >= end:
            refuse(self._context, "start_time", f"must be before the end, {end} seconds, not {given['start_time']!r}")
        make = maker("films:trimmed", source=source, start=start, end=end)
        return Output(file="video.mp4", make=make, size=source.size, seconds=end - start)

    def video_merge(self, given: Given) -> Output:
        """Plan one film of several."""
        sources = [self._film("media_urls", url) for url in given["media_urls"]]
        seconds = sum(UNREAD_SECONDS if source.seconds is None else source.seconds for source in sources)
        make = maker("films:merged", sources=sources)
        return Output(file="video.mp4", make=make, size=sources[0].size, seconds=seconds)

    def _picture(self, parameter: str, url: str) -> Source:
        return find_source(self._stand_in, self._context, parameter, url, "image")

    def _film(self, parameter: str, url: str) -> Source:
        return find_source(self._stand_in, self._context, parameter, url, "video")


_EDITS: Mapping[str, tuple[str, Callable[[Edits, Given], Output]]] = {
    "upscale": ("image", Edits.upscale),
    "background_remove": ("image", Edits.background_remove),
    "inpaint": ("image", Edits.inpaint),
    "ai_edit": ("image", Edits.ai_edit),
    "video_trim": ("video", Edits.video_trim),
    "video_merge": ("video", Edits.video_merge),
}
