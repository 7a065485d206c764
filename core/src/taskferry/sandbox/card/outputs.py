"""What a job of a card has made: the names of its files, and the files themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from taskferry.cards.model import ArtifactSpec, Card, FetchSpec
from taskferry.media import media_type_of
from taskferry.sandbox.files import Media
from taskferry.sandbox.jobs import Job
from taskferry.task import Kind

_USUAL: Mapping[Kind, str] = {
    Kind.IMAGE: "png",
    Kind.VIDEO: "mp4",
    Kind.AUDIO: "mp3",
    Kind.MODEL: "glb",
    Kind.DOCUMENT: "json",
    Kind.OTHER: "txt",
}
_MADE = ("png", "webp", "jpeg", "mp4", "mp3", "wav", "glb", "obj", "stl", "ply", "json", "txt")
"""Formats that can be made; a card that wants another one gets the usual one of its kind."""
_SEVERAL = 2
"""How many there are where a card takes a list and the caller asks for no number."""
_MOST = 10
_SECONDS = 4.0
_LONGEST = 10.0
_SIDE = 640
_RATIO = re.compile(r"(\d{1,4})\s*[:x]\s*(\d{1,4})")


def specs_of(fetch: FetchSpec) -> Iterator[ArtifactSpec]:
    """Yield every sort of result that a status read leads to."""
    yield from fetch.artifacts
    for hop in fetch.then:
        yield from hop.artifacts


def made_by(card: Card, job: Job, artifacts: Sequence[ArtifactSpec]) -> list[ArtifactSpec]:
    """Give the sorts of result that a job makes: where operations of several kinds are read alike, those of its own."""
    sharing = {spec.kind for name, spec in card.operations.items() if not card.has_own_fetch(name)}
    own = [one for one in artifacts if one.kind is card.operations[job.type].kind]
    return own if own and len(sharing) > 1 and not card.has_own_fetch(job.type) else list(artifacts)


def files_of(job: Job, spec: ArtifactSpec) -> list[str]:
    """Name the files of one sort of result; the ending says the format."""
    ending = _ending(job, spec)
    if spec.each is None and not (spec.url and re.search(r"\[[*?\]]", spec.url)):
        return [f"{spec.name}.{ending}"]
    count = job.input.get("count")
    wanted = count if isinstance(count, int) and count > 0 else _SEVERAL
    return [f"{spec.name}-{number}.{ending}" for number in range(1, min(wanted, _MOST) + 1)]


def made(job: Job, name: str) -> Media:
    """Make a file; call it in a thread. Its name has the format as its ending."""
    ending = PurePath(name).suffix.lstrip(".")
    return Media(_MAKERS[ending](job, ending), media_type_of(name) or "application/octet-stream")


def _ending(job: Job, spec: ArtifactSpec) -> str:
    usual = _USUAL[spec.kind]
    asked = str(job.input.get("output_format", "")).lower().replace("jpg", "jpeg")
    if asked in _MADE and _family(asked) == _family(usual):
        return asked
    of_type = (ending for ending in _MADE if media_type_of(f"x.{ending}") == spec.media_type)
    return next(of_type, usual)


def _family(ending: str) -> str:
    return (media_type_of(f"x.{ending}") or "").partition("/")[0]


def _image(job: Job, ending: str) -> bytes:
    from taskferry.sandbox.media.image import image

    return image(job.caption, *_size(job), ending)


def _video(job: Job, _ending: str) -> bytes:
    from taskferry.sandbox.media.video import video

    width, height = _size(job)
    return video(job.caption, _seconds(job), width, height)


def _audio(job: Job, ending: str) -> bytes:
    from taskferry.sandbox.media.audio import audio

    return audio(job.caption, _seconds(job), ending)


def _model(job: Job, ending: str) -> bytes:
    from taskferry.sandbox.media.model import model

    return model(job.caption, ending)


def _document(job: Job, _ending: str) -> bytes:
    return json.dumps({"prompt": job.caption}, ensure_ascii=False).encode("utf-8", "replace")


def _text(job: Job, _ending: str) -> bytes:
    return f"{job.caption}\n".encode("utf-8", "replace")


_MAKERS: Mapping[str, Callable[[Job, str], bytes]] = {
    **dict.fromkeys(("png", "webp", "jpeg"), _image),
    "mp4": _video,
    **dict.fromkeys(("mp3", "wav"), _audio),
    **dict.fromkeys(("glb", "obj", "stl", "ply"), _model),
    "json": _document,
    "txt": _text,
}


def _seconds(job: Job) -> float:
    asked: Any = job.input.get("duration")
    given = isinstance(asked, int | float) and not isinstance(asked, bool) and asked > 0
    return min(float(asked), _LONGEST) if given else _SECONDS


def _size(job: Job) -> tuple[int, int]:
    """Give width and height in the shape asked for, the longer one the same for all."""
    match = _RATIO.fullmatch(str(job.input.get("aspect_ratio", "")).strip())
    across, down = (int(match[1]), int(match[2])) if match else (1, 1)
    longer = max(across, down, 1)
    return max(64, round(_SIDE * across / longer)), max(64, round(_SIDE * down / longer))
