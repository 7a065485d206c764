"""What is kept beside an unfinished part, so that any process can fetch the rest of the very same file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from attrs import asdict, field, frozen

from taskferry.artifacts.partfiles import note_of

_ETAG = re.compile(r'"[\x21\x23-\x7e]{1,200}"')
_LONGEST_NOTE = 10_000
_SETTLED = 60.0
"""Seconds after a change from which the time of it tells one version from the next (RFC 9110, 8.8.2.2)."""


@frozen(kw_only=True)
class Remainder:
    """How far a part is, and by what its server will know that the rest belongs to it."""

    validator: str
    """A strong ETag, or a Last-Modified that is old enough to be as good."""
    size: int = 0
    """Bytes of the part that are on the disk for good."""
    total: int | None = None
    """Bytes of the whole, where that is told."""
    sums: Mapping[str, str] = field(factory=dict)
    """Checksums that the server told, in hexadecimal, by the name of their algorithm."""

    @property
    def headers(self) -> dict[str, str]:
        """Ask for the rest, or for the whole if it has changed."""
        return {"Range": f"bytes={self.size}-", "If-Range": self.validator}


def validator_of(headers: Mapping[str, str]) -> str | None:
    """Give what a later request can hold the file against; None where the server gives nothing that is sure."""
    if headers.get("accept-ranges", "").strip().lower() == "none":
        return None
    if "etag" in headers:
        return headers["etag"] if _ETAG.fullmatch(headers["etag"]) else None
    try:
        changed, sent = (parsedate_to_datetime(headers[name]).timestamp() for name in ("last-modified", "date"))
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    return headers["last-modified"] if sent - changed >= _SETTLED else None


def read(part: Path) -> Remainder | None:
    """Read what is kept beside a part; None if there is nothing that can be relied on."""
    try:
        with note_of(part).open("rb") as file:
            told = json.loads(file.read(_LONGEST_NOTE))
        there = part.stat().st_size
        return Remainder(**told) if _is_sound(told, there) else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def write(part: Path, remainder: Remainder) -> None:
    """Keep it beside a part, whole or not at all."""
    place = note_of(part)
    draft = place.with_name(place.name + "~")
    draft.write_text(json.dumps(asdict(remainder)))
    draft.replace(place)


def _is_sound(told: Mapping[str, Any], there: int) -> bool:
    size, total, validator, known = told["size"], told["total"], told["validator"], told["sums"]
    if not isinstance(size, int) or not 0 < size <= there or not isinstance(total, int | None):
        return False
    texts = all(isinstance(text, str) for text in (validator, *known, *known.values()))
    return texts and (total is None or size <= total) and bool(_ETAG.fullmatch(validator) or _is_date(validator))


def _is_date(text: str) -> bool:
    """Tell whether a validator is a date, and so fit for a header."""
    try:
        parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return False
    return text.isascii() and text.isprintable()
