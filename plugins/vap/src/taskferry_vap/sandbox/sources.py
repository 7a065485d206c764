"""What edits work on: the stand-in's own files, which are read, and URLs of others, of which only the text is used."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Never
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import frozen

from taskferry.sandbox import Context, Job, StandIn
from taskferry_vap.sandbox.errors import fail
from taskferry_vap.sandbox.outputs import output_at

_UNREAD_SIZES = {"image": (1024, 1024), "video": (640, 360)}
"""Pixels of what is not read."""
UNREAD_SECONDS = 4.0
"""Length of a film that is not read."""


@frozen(kw_only=True)
class Source:
    """One picture or film to work on."""

    caption: str
    """What it is made from where it cannot be read."""
    size: tuple[int, int]
    """Pixels."""
    seconds: float | None = None
    """Length of a film; None where it is not known."""
    read: Callable[[], bytes] | None = None
    """Gives the file; None for one that is not read."""


def find_source(stand_in: StandIn, context: Context, parameter: str, url: str, kind: str) -> Source:
    """Look at what a URL names; answer 422 where that cannot be had, or is not of this kind (`image`, `video`)."""
    target = urlsplit(url)
    if target.netloc != context.request.url.netloc or not target.path.startswith(f"{stand_in.files_path}/"):
        return Source(caption=caption_of(url), size=_UNREAD_SIZES[kind])
    job_id, _, name = unquote(target.path.removeprefix(f"{stand_in.files_path}/")).partition("/")
    job = stand_in.jobs.get(job_id)
    if job is None or not job.has_output(context.now) or not _signed(stand_in, job, name, target.query, context.now):
        refuse(context, parameter, "cannot be downloaded: the URL has expired or was never signed")
    output = output_at(job, name)
    if output is None or output.kind != kind:
        refuse(context, parameter, f"must be a file of type {kind}, not {name!r}")
    return Source(
        caption=job.caption,
        size=output.size,
        seconds=output.seconds,
        read=lambda: stand_in.produce(job, name).content,
    )


def inline_source(context: Context, parameter: str, text: object) -> Source:
    """Read a picture that came in the body as Base64, or answer 422."""
    from PIL import Image

    try:
        content = base64.b64decode(text if isinstance(text, str) else "", validate=True)
        with Image.open(BytesIO(content)) as picture:
            picture.load()
            return Source(caption="", size=picture.size, read=lambda: content)
    except (ValueError, OSError, SyntaxError):
        refuse(context, parameter, "must be a picture in Base64")


def caption_of(url: str) -> str:
    """Give the text that a URL stands for: the name of its file."""
    return unquote(urlsplit(url).path).rpartition("/")[2] or url


def refuse(context: Context, parameter: str, wrong: str) -> Never:
    """Answer 422 with what is wrong with a parameter."""
    fail(context, "invalid_parameters", errors={parameter: wrong})


def _signed(stand_in: StandIn, job: Job, name: str, query: str, now: float) -> bool:
    expires = parse_qs(query).get("exp", [""])[0]
    return expires.isdecimal() and now < int(expires) and stand_in.files.query(job.id, name, int(expires)) == query
