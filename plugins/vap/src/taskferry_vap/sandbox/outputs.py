"""The outputs of a task, each with its files and how they are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from pkgutil import resolve_name
from typing import Any

from attrs import frozen

from taskferry.sandbox import Job, Media

MEDIA_TYPES = {
    "webp": "image/webp",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "json": "application/json",
}
_COVER = "cover.jpeg"


@frozen(kw_only=True)
class Output:
    """One output; a job's `input` has each by its name."""

    file: str
    """Name of its file; a second one of `image.webp` is `image-2.webp`."""
    make: Callable[[str], bytes]
    """Makes it from a caption."""
    count: int = 1
    size: tuple[int, int] = (0, 0)
    """Pixels of a picture or film."""
    seconds: float = 0.0
    """Length of a film or piece."""

    @property
    def kind(self) -> str:
        """Say what it is: `image`, `video`, `audio` or `application`."""
        return MEDIA_TYPES[PurePosixPath(self.file).suffix[1:]].partition("/")[0]


def maker(function: str, **given: Any) -> Callable[[str], bytes]:
    """Name what makes a file, such as `pictures:still`; loaded when needed, as media libraries are slow to load."""

    def make(caption: str) -> bytes:
        made: bytes = resolve_name(f"taskferry_vap.sandbox.{function}")(caption, **given)
        return made

    return make


def outputs_of(job: Job) -> Mapping[str, Output]:
    """Give the outputs of a job by name, the main one first."""
    return job.input


_COVER_MAKER = maker("pictures:still", size=(512, 512), encoding="jpeg")


def names_of(job: Job, output: Output) -> list[str]:
    """Name the files of an output."""
    count = int(job.script.word("items") or output.count)
    stem, ending = PurePosixPath(output.file).stem, PurePosixPath(output.file).suffix
    return [output.file, *(f"{stem}-{number}{ending}" for number in range(2, count + 1))]


def cover_of(job: Job) -> str | None:
    """Name the cover that comes with a piece of music; None unless it was asked for."""
    return _COVER if job.script.has("cover") and "music" in job.input else None


def output_at(job: Job, name: str) -> Output | None:
    """Find the output that a file belongs to."""
    return next((output for output in outputs_of(job).values() if name in names_of(job, output)), None)


def produce(job: Job, name: str) -> Media:
    """Make one file; raise KeyError for a name that the job does not have."""
    if name == cover_of(job):
        return Media(_COVER_MAKER(job.caption), MEDIA_TYPES["jpeg"])
    output = output_at(job, name)
    if output is None:
        raise KeyError(name)
    number = names_of(job, output).index(name) + 1
    caption = job.caption if number == 1 else f"{job.caption} {number}"
    return Media(output.make(caption), MEDIA_TYPES[PurePosixPath(name).suffix[1:]])
