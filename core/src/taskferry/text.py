"""Provider text as data: bounded and without control characters before anyone sees it."""

from __future__ import annotations

import unicodedata

LIMIT = 500
"""Characters kept of one message."""

_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (with bidirectional overrides), surrogate, private, unassigned characters; line separators."""


def clean(value: object, limit: int = LIMIT) -> str:
    """Turn what a provider sent into one line of plain text of at most `limit` characters."""
    text = value if isinstance(value, str) else str(value)
    kept = "".join(" " if unicodedata.category(letter) in _UNWANTED else letter for letter in text[: limit * 4])
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
