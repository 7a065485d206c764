"""The files of a finished task, made from its prompt and parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from taskferry.sandbox import Job, Media
from taskferry_vap.sandbox.documents import file_names

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
_AUDIO_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav"}


def make(job: Job, name: str) -> Media:
    """Make one file; raise KeyError for a name the task does not have."""
    if name == "cover.jpeg" and job.script.has("cover"):
        return _image(job.caption, (512, 512), "jpeg")
    names = file_names(job)
    if name not in names:
        raise KeyError(name)
    number = names.index(name) + 1
    return _MAKERS[job.type](job, job.caption if number == 1 else f"{job.caption} {number}")


def _still(job: Job, caption: str) -> Media:
    return _image(caption, _IMAGE_SIZES[job.input["aspect_ratio"]], job.input["output_format"])


def _image(caption: str, size: tuple[int, int], encoding: str) -> Media:
    from taskferry.sandbox.media.image import image

    return Media(image(caption, *size, format=encoding), f"image/{encoding}")


def _film(job: Job, caption: str) -> Media:
    from taskferry.sandbox.media.video import video

    short = _SHORT_SIDES[job.input["resolution"]]
    size = (short * 16 // 9, short) if job.input["aspect_ratio"] == "16:9" else (short, short * 16 // 9)
    return Media(video(caption, job.input["duration"], *size, sound=job.input["generate_audio"]), "video/mp4")


def _music(job: Job, caption: str) -> Media:
    from taskferry.sandbox.media.audio import audio

    encoding = job.input["audio_format"]
    return Media(audio(caption, job.input["duration"], format=encoding), _AUDIO_TYPES[encoding])


_MAKERS: Mapping[str, Callable[[Job, str], Media]] = {"image": _still, "video": _film, "music": _music}
