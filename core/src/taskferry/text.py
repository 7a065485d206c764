"""Provider text as data: bounded, visible, and without control characters before anyone sees it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LIMIT = 500
"""Characters kept of one message."""

_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (with bidirectional overrides), surrogate, private, unassigned characters; line separators."""
_MARKS = frozenset({"Mn", "Me"})
_MOST_MARKS = 6
"""Marks on one letter; the scripts of this world need four, and piles of them cover the lines around."""
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that nothing is drawn for: fillers, blank Braille, variation selectors. They can hide a message."""


def clean(value: object, limit: int = LIMIT) -> str:
    """Turn what a provider sent into one line of plain text of at most `limit` characters."""
    text = value if isinstance(value, str) else _told(value)
    start = text[: limit * 4]
    plain = start.isascii() and start.isprintable()  # as nearly every text is: nothing in it to look for
    line = " ".join((start if plain else "".join(_visible(start))).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _told(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 -- a plugin's error may fail in its own words, and is to be told all the same
        return f"<{type(value).__name__} without words>"


def harmless(text: str) -> str:
    """Give a text of several lines with its line ends and tabs, and without all else that `clean` takes out."""
    return "".join(_visible(text, keep="\n\t"))


def failure_text(message: str, code: str | None, suggestion: str | None) -> str:
    """Give what went wrong in one sentence or two, the provider's own code in brackets."""
    return f"{message}{f' [{code}]' if code else ''}{f' {suggestion}' if suggestion else ''}"


def _visible(text: str, keep: str = "") -> Iterator[str]:
    marks = 0
    for letter in _UNSEEN.sub("", text):
        category = unicodedata.category(letter)
        marks = marks + 1 if category in _MARKS else 0
        if marks <= _MOST_MARKS:
            yield " " if category in _UNWANTED and letter not in keep else letter
