"""Decides whether what came is the artifact that was promised, and what its file is called."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from attrs import frozen

from taskferry.artifacts.bombs import danger
from taskferry.artifacts.formats import FORMATS, GENERAL, PAGES, by_suffix, fits, refined
from taskferry.artifacts.sniff import HEAD, recognise, text_of
from taskferry.artifacts.wholeness import shortfall
from taskferry.errors import ArtifactError
from taskferry.task import Artifact, Kind
from taskferry.text import clean

_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")
_SAYS_NOTHING = frozenset({"application/octet-stream", "binary/octet-stream", "application/x-download"})
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_WANTED = {
    Kind.IMAGE: "an image",
    Kind.VIDEO: "a video",
    Kind.AUDIO: "a recording",
    Kind.MODEL: "a model",
    Kind.DOCUMENT: "a document",
    Kind.OTHER: "a result",
}


@frozen(kw_only=True)
class Checked:
    """What a file turned out to be."""

    media_type: str | None
    suffix: str


def check(path: Path, artifact: Artifact, urls: Sequence[str], declared: str | None) -> Checked:
    """Look into a file that came for an artifact.

    `urls` are those it was fetched from, the artifact's own last, and `declared` is the media type that its server
    told. Raises ArtifactError for content that is not of the artifact's kind or is not whole.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    suffixes = [suffix for url in urls if (suffix := _suffix(url))]
    claims = _claims(suffixes, declared, artifact.media_type)
    found = refined(recognise(head, path.stat().st_size), [claim for claim in claims if fits(claim, artifact.kind)])
    if found is None:
        _check_unknown(artifact, claims)
        return Checked(media_type=claims[0] if claims else None, suffix=_suffix_of(None, suffixes, claims))
    promised = _claims(filter(None, map(_suffix, urls[-1:])), artifact.media_type)
    if not fits(found, artifact.kind) or (found in PAGES and found not in promised):
        raise ArtifactError(
            f"{artifact.name} is {FORMATS[found].title}{_excerpt(head)}, not {_WANTED[artifact.kind]}. "
            "Look at the task again for a fresh address; if that stays so, ask the provider."
        )
    if (missing := shortfall(path, found)) is not None:
        raise ArtifactError(f"{artifact.name} is {FORMATS[found].title} that is not whole: {missing}. Fetch it again.")
    if (reason := danger(path, found)) is not None:
        raise ArtifactError(f"{artifact.name} is {FORMATS[found].title} that is not safe to open: {reason}.")
    return Checked(media_type=found, suffix=_suffix_of(found, suffixes, claims))


def media_type_of(text: str | None) -> str | None:
    """Give the bare media type that a header or a provider names; None if it says nothing."""
    bare = (text or "").partition(";")[0].strip().lower()
    return bare if _TYPE.fullmatch(bare) and bare not in _SAYS_NOTHING else None


def _claims(suffixes: Iterable[str], *types: str | None) -> list[str]:
    named = [by_suffix(suffix) for suffix in suffixes]
    return [claim for claim in (*named, *map(media_type_of, types)) if claim]


def _check_unknown(artifact: Artifact, claims: Sequence[str]) -> None:
    """Take unknown content only where it may be a format that is not known here, and not for a broken known one."""
    if artifact.kind in (Kind.DOCUMENT, Kind.OTHER):
        return
    fitting = [claim for claim in claims if fits(claim, artifact.kind)]
    broken = next((claim for claim in fitting if claim in FORMATS), None)
    if broken is not None:
        raise ArtifactError(
            f"{artifact.name} should be {FORMATS[broken].title} and does not begin as one. Fetch it again."
        )
    if not fitting and artifact.kind is not Kind.MODEL:
        raise ArtifactError(
            f"{artifact.name} is of no format that is known, and nothing says that it is {_WANTED[artifact.kind]}. "
            "Look at the task again for a fresh address; if that stays so, ask the provider."
        )


def _suffix(url: str) -> str | None:
    suffix = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else None


def _suffix_of(found: str | None, suffixes: Sequence[str], claims: Sequence[str]) -> str:
    """Go by the content, then the URL, then the media type."""
    if found is not None and found not in GENERAL:
        return FORMATS[found].suffix
    telling = [suffix for suffix in suffixes if by_suffix(suffix) in (None, found)]
    if telling:
        return telling[0]
    named = [claim for claim in (found, *claims) if claim]
    known = (FORMATS[name].suffix if name in FORMATS else mimetypes.guess_extension(name) for name in named)
    return next((suffix for suffix in known if suffix), ".bin")


def _excerpt(head: bytes) -> str:
    words = clean(_TAGS.sub(" ", text_of(head[:4096]) or ""), 120)
    return f" ({words})" if words else ""
