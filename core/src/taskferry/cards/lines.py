"""Which line of a TOML text says what: the standard library's reader does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[^,\]}#\n]*")
"""A number, a boolean or a date."""
_TEXTS = [
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
]
"""The four ways to write a text, the long ones first."""


class Lines:
    """The line of every table, key and list item of a sound TOML text."""

    def __init__(self, text: str) -> None:
        """Read a text that `tomllib` reads, too."""
        self._text = text
        self._place = 0
        self._table: Path = ()
        self._counts: dict[Path, int] = {}
        self._found: dict[Path, int] = {}
        self._line = 1
        self._counted = 0
        self._skip(_BLANK)
        while self._place < len(text):
            self._header() if text[self._place] == "[" else self._pair(self._table)
            self._skip(_BLANK)

    @property
    def places(self) -> Mapping[Path, int]:
        """Give the line of every path, counted from 1."""
        return self._found

    def of(self, path: Sequence[str | int]) -> int:
        """Give the line where a path begins; for one that is not in the text, where the nearest one around it does."""
        return line_of(self._found, path)

    def _header(self) -> None:
        line, many = self._here(), self._text.startswith("[[", self._place)
        self._place += 2 if many else 1
        *around, last = self._key()
        self._place += 2 if many else 1
        table: Path = ()
        for part in around:
            table = self._latest((*table, part))
            self._found.setdefault(table, line)
        table = (*table, last)
        if many:
            self._counts[table] = self._counts.get(table, 0) + 1
            self._found.setdefault(table, line)
        self._table = self._latest(table)
        self._found[self._table] = line

    def _latest(self, table: Path) -> Path:
        return (*table, self._counts[table] - 1) if table in self._counts else table

    def _pair(self, table: Path) -> None:
        line = self._here()
        path = table
        for part in self._key():
            path = (*path, part)
            self._found.setdefault(path, line)
        self._place += 1  # the equals sign
        self._skip(_SPACES)
        self._value(path)

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(_SPACES)
            begin = self._place
            quoted = self._text[begin] in "\"'"
            self._skip(_TEXTS[2 if self._text[begin] == '"' else 3] if quoted else _BARE)
            word = self._text[begin : self._place]
            parts.append(str(tomllib.loads(f"key = {word}")["key"]) if quoted else word)
            self._skip(_SPACES)
            if self._text[self._place] != ".":
                return parts
            self._place += 1

    def _value(self, path: Path) -> None:
        match self._text[self._place]:
            case "[":
                self._inside("]", path, listed=True)
            case "{":
                self._inside("}", path, listed=False)
            case '"' | "'":
                text = next(found for pattern in _TEXTS if (found := pattern.match(self._text, self._place)))
                self._place = text.end()
            case _:
                self._skip(_PLAIN)

    def _inside(self, end: str, path: Path, *, listed: bool) -> None:
        self._place += 1
        self._skip(_BLANK)
        count = 0
        while self._text[self._place] != end:
            if listed:
                self._found[(*path, count)] = self._here()
                self._value((*path, count))
                count += 1
            else:
                self._pair(path)
            self._skip(_BLANK)
            if self._text[self._place] == ",":
                self._place += 1
                self._skip(_BLANK)
        self._place += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._place)
        self._place = found.end() if found else self._place

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._place)
        self._counted = self._place
        return self._line


def line_of(places: Mapping[Path, int], path: Sequence[str | int]) -> int:
    """Give the line of a path among known ones, or of the nearest one around it."""
    around = (tuple(path[:length]) for length in range(len(path), 0, -1))
    return next((places[one] for one in around if one in places), 1)
