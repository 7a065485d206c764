"""The files of a finished task, made from its prompt and parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath

from taskferry.sandbox import Job, Media
from taskferry_tripo.sandbox.outputs import file_names
from taskferry_tripo.sandbox.prices import textured

_SIDE = 512
"""Pixels of a picture."""
_LOW_POLY = 2_000
"""Faces of a low-poly mesh, unless the task says otherwise."""
_TURNS = {"rendered": 30, "front": 0, "left": 90, "back": 180, "right": 270}
"""Degrees by which the model is turned in the pictures of it."""
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


def _three_mf(job: Job, _: str, __: str) -> bytes:
    from taskferry_tripo.sandbox.formats import three_mf

    return three_mf(job.caption, faces=_faces(job))


def _usdz(job: Job, _: str, __: str) -> bytes:
    from taskferry_tripo.sandbox.formats import usdz

    return usdz(job.caption, faces=_faces(job))


def _splat(job: Job, _: str, __: str) -> bytes:
    from taskferry_tripo.sandbox.formats import splat

    return splat(job.caption)


def _picture(job: Job, stem: str, suffix: str) -> bytes:
    if stem in _TURNS:
        from taskferry.sandbox.media.render import render

        return render(job.caption, _SIDE, _SIDE, suffix, turn=_TURNS[stem])
    from taskferry.sandbox.media.image import image

    grey = stem == "depth" and job.input.get("kind") != "color"
    return image(job.caption, _SIDE, _SIDE, suffix, grey=grey)


def _turntable(job: Job, _: str, __: str) -> bytes:
    from taskferry.sandbox.media.video import video

    return video(job.caption, *_VIDEO, sound=False)


def _faces(job: Job) -> int | None:
    limit: int | None = job.input.get("face_limit")
    if job.type == "highpoly_to_lowpoly":
        return limit or _LOW_POLY
    return limit


_MAKERS: Mapping[str, tuple[Callable[[Job, str, str], bytes], str]] = {
    ".glb": (_mesh, "model/gltf-binary"),
    ".obj": (_mesh, "model/obj"),
    ".stl": (_mesh, "model/stl"),
    ".3mf": (_three_mf, "model/3mf"),
    ".usdz": (_usdz, "model/vnd.usdz+zip"),
    ".ply": (_splat, "application/octet-stream"),
    ".fbx": (_fbx, "application/octet-stream"),
    ".webp": (_picture, "image/webp"),
    ".png": (_picture, "image/png"),
    ".jpeg": (_picture, "image/jpeg"),
    ".mp4": (_turntable, "video/mp4"),
}
"""How a file is made and what it is, by its suffix."""
