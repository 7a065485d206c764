"""Names for files and folders that are safe on every system, whatever a provider or a prompt says."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from taskferry.ledger.record import Record
from taskferry.text import harmless

_LONGEST = 120
"""Bytes of a file name without its suffix; file systems take 255, of which a number and `.part` want some."""
_LONGEST_SLUG = 40
"""Characters."""
_ID_LETTERS = 12
"""Letters of a task's id in its folder's name: ten are its time in milliseconds, so two jobs of one prompt that were
submitted in the same second have folders of their own."""
_FORBIDDEN = frozenset('/\\:*?"<>|')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])( *\..*)?", re.IGNORECASE)


def safe_name(text: str) -> str:
    """Make a file name without suffix: no separators, control or bidirectional characters, no leading dot or dash."""
    letters = (" " if _unwanted(letter) else letter for letter in unicodedata.normalize("NFC", harmless(text)))
    name = _bounded("-".join("".join(letters).split()).lstrip(".-~").rstrip(".-"), _LONGEST).rstrip(".-")
    if not name:
        return "file"
    return f"file-{name}" if _RESERVED.fullmatch(name) else name


def numbered(name: str, suffix: str) -> Iterator[str]:
    """Yield `fox.png`, then `fox-2.png`, `fox-3.png` and so on; a suffix that the name already has comes once."""
    stem = name[: -len(suffix)] if suffix and name.lower().endswith(suffix) and len(name) > len(suffix) else name
    yield f"{stem}{suffix}"
    for number in itertools.count(2):
        yield f"{stem}-{number}{suffix}"


def slug(text: str) -> str:
    """Make the beginning of a text into lower-case words joined by dashes, in any script; may be empty."""
    beginning = unicodedata.normalize("NFC", harmless(text[:400])).lower()
    letters = (letter if _in_word(letter) else " " for letter in beginning)
    words = "".join(letters).split()
    kept = list(itertools.takewhile(lambda length: length <= _LONGEST_SLUG, _lengths(words)))
    whole = "-".join(words[: len(kept)]) or "".join(words[:1])[:_LONGEST_SLUG]
    return _bounded(whole, _LONGEST)


def folder_for(base: Path, record: Record) -> Path:
    """Give a task's own folder below `base`, named after its prompt, or its operation where it has none, and its id."""
    name = slug(record.job.prompt) or slug(record.job.operation.rpartition("/")[2]) or "task"
    return base / f"{name}-{record.id[:_ID_LETTERS]}"


def _unwanted(letter: str) -> bool:
    return letter in _FORBIDDEN or unicodedata.category(letter)[0] in "CZ"


def _in_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN"


def _lengths(words: list[str]) -> Iterator[int]:
    """Give how long the first word is, the first two joined, and so on."""
    return (total + place for place, total in enumerate(itertools.accumulate(map(len, words))))


def _bounded(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore")
