"""Reads a CSV or JSONL file as rows of names and values, as spreadsheets and scripts write them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from taskferry.errors import UsageError
from taskferry.text import clean

_MOST = 100_000_000
"""Bytes of a file."""
_SEPARATORS = ",;\t"


@frozen(kw_only=True)
class Line:
    """One row as it stands in the file."""

    number: int
    """Counted from 1 in the file; where the row begins."""
    values: Mapping[str, Any] = field(factory=dict)
    """Texts from CSV, empty cells left out; JSON values from JSONL."""
    problem: str | None = None
    """Why it cannot be read at all."""


def read_lines(path: Path, content: bytes) -> list[Line]:
    """Give the rows of a file; raise UsageError for one that is of neither kind or no text at all."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"{path} is neither CSV nor JSONL by its name: call it NAME.csv or NAME.jsonl.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}:{line}: this is not text in UTF-8; save the file as UTF-8.") from error
    return list(reader(path, text))


def content_of(path: Path) -> bytes:
    """Read a file whole; raise UsageError."""
    try:
        if path.stat().st_size > _MOST:
            raise UsageError(f"{path} is too large: at most {_MOST:,} bytes are read at a time.")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error


def _csv(path: Path, text: str) -> Iterator[Line]:
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    names: list[str] = []
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if not names:
                raise UsageError(f"{path}:{number}: {error}.") from error
            yield Line(number=number, problem=f"This is not CSV: {error}.")
            continue
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = _header(path, number, cells)
        elif len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
            yield Line(number=number, problem=f"It has {len(cells)} cells, but there are {len(names)} columns.")
        else:
            named = zip(names, cells, strict=False)
            yield Line(number=number, values={name: cell for name, cell in named if name and cell.strip()})


def _header(path: Path, number: int, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise UsageError(f"{path}:{number}: two columns are called {clean(twice[0], 40)}.")
    return names


def _jsonl(_: Path, text: str) -> Iterator[Line]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Line(number=number, problem=f"This is not JSON: {clean(error, 120)}.")
            continue
        if isinstance(values, dict):
            yield Line(number=number, values={name: value for name, value in values.items() if value is not None})
        else:
            yield Line(number=number, problem="A row is a JSON object: {...}.")


_READERS: Mapping[str, Callable[[Path, str], Iterator[Line]]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
}
