"""The files of a finished task, made from its prompt and parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

from taskferry.sandbox import Job, Media
from taskferry_tripo.sandbox.outputs import VIEWS, file_names
from taskferry_tripo.sandbox.prices import textured

_SIDE = 768
"""Pixels of a picture."""
_FACES = {"low": 2_000}
_VIDEO = (3, 480, 480)
"""Seconds, width and height of a turntable."""


def make(job: Job, name: str) -> Media:
    """Make one file; raise KeyError for a name the task does not have."""
    if name not in file_names(job):
        raise KeyError(name)
    path = PurePath(name)
    maker, media_type = _MAKERS[path.suffix]
    return Media(maker(job, path.stem, path.suffix[1:]), media_type)


def _mesh(job: Job, _: str, suffix: str) -> bytes:
    from taskferry.sandbox.media.model import model

    return model(job.caption, suffix, faces=_faces(job), textured=textured(job.input))


def _fbx(job: Job, _: str, __: str) -> bytes:
    from taskferry.sandbox.media.fbx import fbx

    return fbx(job.caption, faces=_faces(job))


def _picture(job: Job, stem: str, suffix: str) -> bytes:
    from taskferry.sandbox.media.image import image

    caption = f"{job.caption} {stem}" if stem in VIEWS else job.caption
    grey = stem == "depth" and job.input.get("kind") != "color"
    return image(caption, _SIDE, _SIDE, suffix, grey=grey)


def _turntable(job: Job, _: str, __: str) -> bytes:
    from taskferry.sandbox.media.video import video

    return video(job.caption, *_VIDEO, sound=False)


def _faces(job: Job) -> int | None:
    limit: Any = job.input.get("face_limit")
    if job.type == "highpoly_to_lowpoly":
        return limit or _FACES["low"]
    return limit if isinstance(limit, int) else None


_MAKERS: Mapping[str, tuple[Callable[[Job, str, str], bytes], str]] = {
    ".glb": (_mesh, "model/gltf-binary"),
    ".obj": (_mesh, "model/obj"),
    ".stl": (_mesh, "model/stl"),
    ".ply": (_mesh, "application/octet-stream"),
    ".fbx": (_fbx, "application/octet-stream"),
    ".webp": (_picture, "image/webp"),
    ".png": (_picture, "image/png"),
    ".jpeg": (_picture, "image/jpeg"),
    ".mp4": (_turntable, "video/mp4"),
}
"""How a file is made and what it is, by its suffix."""
