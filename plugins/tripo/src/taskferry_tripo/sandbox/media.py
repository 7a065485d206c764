"""The files of a finished task, made from its subject and parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from taskferry.sandbox import Job, Media
from taskferry_tripo.sandbox.outputs import SIDES, file_names, textured

_SIDE = 1024
_SIZE = re.compile(r"(?P<width>[1-9][0-9]{1,3})\s*[x*]\s*(?P<height>[1-9][0-9]{1,3})")
_TYPES: Mapping[str, str] = {
    "glb": "model/gltf-binary",
    "fbx": "application/octet-stream",
    "obj": "model/obj",
    "stl": "model/stl",
    "ply": "application/octet-stream",
    "3mf": "model/3mf",
    "usdz": "model/vnd.usdz+zip",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}


def make(job: Job, subject: str, name: str) -> Media:
    """Make one file of a task; raise KeyError for a name that is not among its outputs."""
    if name not in file_names(job):
        raise KeyError(name)
    stem, _, ending = name.rpartition(".")
    return Media(_maker(stem, ending)(job, subject, stem, ending), _TYPES[ending])


def _maker(stem: str, ending: str) -> Callable[[Job, str, str, str], bytes]:
    if stem == "generated_image":
        return _picture
    if ending in ("png", "webp"):
        return _depth if stem == "depth" else _view
    return _model


def _picture(job: Job, _subject: str, _stem: str, ending: str) -> bytes:
    from taskferry.sandbox.media.image import image

    size = _SIZE.fullmatch(str(job.input.get("size", "")))
    width, height = (int(size["width"]), int(size["height"])) if size else (_SIDE, _SIDE)
    return image(job.caption, min(width, 4096), min(height, 4096), format=ending)


def _depth(job: Job, subject: str, _stem: str, ending: str) -> bytes:
    from taskferry.sandbox.media.image import image

    side = int(job.input.get("process_res", 504))
    return image(subject, side, side, format=ending, grey=job.input.get("kind", "gray") == "gray")


def _view(_job: Job, subject: str, stem: str, ending: str) -> bytes:
    from taskferry.sandbox.media.render import render

    turn = SIDES.get(stem.removesuffix("_view"), 30)
    return render(subject, _SIDE // 2, _SIDE // 2, format=ending, turn=turn)


def _model(job: Job, subject: str, _stem: str, ending: str) -> bytes:
    faces = job.input.get("face_limit")
    if ending == "fbx":
        from taskferry.sandbox.media.fbx import fbx

        return fbx(subject, faces=faces)
    from taskferry.sandbox.media.model import model

    return model(subject, format=ending, faces=faces, textured=textured(job.input))
