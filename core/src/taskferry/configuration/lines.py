"""The line of a setting in a TOML text, which the standard library's reader does not tell."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence


def line_of(text: str, name: Sequence[str]) -> int:
    """Give the line, counted from 1, where a setting or table of a sound text begins; 1 for one that is not there.

    The text is read anew with each line that is added, so this is for error messages about short files.
    """
    lines = text.splitlines(keepends=True)
    begin = 1
    for number in range(1, len(lines) + 1):
        document = _read("".join(lines[:number]))
        if document is None:
            continue  # this line ends in the middle of a value
        if _has(document, name):
            return begin
        begin = number + 1
    return 1


def _read(text: str) -> Mapping[str, object] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _has(document: object, name: Sequence[str]) -> bool:
    for part in name:
        if not isinstance(document, Mapping) or part not in document:
            return False
        document = document[part]
    return True
