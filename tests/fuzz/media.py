"""Files that came for an artifact: real media and small samples of every format, cut and changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import media_samples as samples
from fuzz import soundness
from fuzz.mutation import noised
from fuzz.target import Target
from taskferry.artifacts.checking import check, media_type_of
from taskferry.sandbox.media.audio import audio
from taskferry.sandbox.media.fbx import fbx
from taskferry.sandbox.media.image import image
from taskferry.sandbox.media.model import model
from taskferry.sandbox.media.video import video
from taskferry.task import Artifact, Kind

_URLS = (
    "https://cdn.example/fox.png", "https://cdn.example/fox.mp4?x=1", "https://cdn.example/fox.glb",
    "https://cdn.example/a%00b.exe", "data:application/json;base64,e30=", "",
)  # fmt: skip
_TYPES = (None, "image/png", "video/mp4; codecs=x", "application/octet-stream", "text/html", "x" * 5000, "\x00/\x1b")


def targets(folder: Path) -> Iterator[Target]:
    """Give a target for each kind of media."""
    path = folder / "file"
    for kind, seeds in _seeds().items():
        yield Target(name=f"{kind.value} files", seeds=seeds, read=_checked(path, kind), head=2, change=noised)


def _seeds() -> Mapping[Kind, Sequence[bytes]]:
    film = video("a fox", 1, 64, 48)
    return {
        Kind.IMAGE: [*(image("a fox", 48, 32, form) for form in ("png", "webp", "jpeg")), samples.png()],
        Kind.VIDEO: [film, film[:2000], samples.mp4(), samples.webm()],
        Kind.AUDIO: [audio("a fox", 0.3, "mp3"), audio("a fox", 0.1, "wav"), samples.mp3(), samples.riff(b"WAVE")],
        Kind.MODEL: [
            model("a fox", "glb", faces=60, textured=False), fbx("a fox", faces=60), samples.glb(), samples.gltf(),
            samples.fbx(7500), samples.binary_stl(), samples.archive(),
        ],
        Kind.DOCUMENT: [samples.pdf(), samples.archive(), b'{"riggable": true}'],
    }  # fmt: skip


def _checked(path: Path, kind: Kind):  # type: ignore[no-untyped-def]  # a reader, as in Target
    def read(data: bytes) -> None:
        head, content = (data + bytes(2))[:2], data[2:]
        path.write_bytes(content)
        url, declared = _URLS[head[0] % len(_URLS)], _TYPES[head[1] % len(_TYPES)]
        found = check(path, Artifact(name="result", kind=kind, url=url), [url], declared)
        soundness.holds(found.suffix.startswith(".") and found.suffix[1:].isalnum(), f"the suffix is {found.suffix!r}")
        soundness.holds(found.media_type == media_type_of(found.media_type), f"the type is {found.media_type!r}")

    return read
