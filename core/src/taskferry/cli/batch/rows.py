"""From lines of a file to jobs that can be sent, every problem of every line at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from taskferry.cli.batch.sheet import Line, content_of, read_lines
from taskferry.cli.parsing import typed
from taskferry.errors import InvalidParameters, Problem, TaskferryError, UsageError
from taskferry.operation import Operation
from taskferry.parameters import validate
from taskferry.text import clean

OPERATION = "operation"
KEY = "key"
PARAMETERS = "parameters"
"""In JSONL a row's parameters may stand in an object of their own."""

Find = Callable[[str], Operation]
Check = Callable[[Operation, Mapping[str, Any]], str | None]
"""Says why a job with valid parameters is not to be sent; None if it may be."""


@frozen(kw_only=True)
class Row:
    """One job of the file."""

    line: int
    operation: str
    parameters: Mapping[str, Any]
    key: str
    """The same whenever the file is run: with it a row is sent once."""


@frozen(kw_only=True)
class Sheet:
    """A file as it was read."""

    rows: list[Row] = field(factory=list)
    problems: list[Problem] = field(factory=list)
    """The path of each is its place, as `jobs.csv:3`."""


def read_sheet(path: Path, operation: str | None, find: Find, check: Check) -> Sheet:
    """Read and check a file; `operation` is that of rows which name none. Raise UsageError for a file without rows."""
    content = content_of(path)
    sheet = Sheet()
    mark = hashlib.sha256(content).hexdigest()[:16]
    keys: dict[str, int] = {}
    for line in read_lines(path, content):
        row, problems = _row(line, path, mark, operation, find, check)
        if row is not None and row.key in keys:
            problems = [Problem(path=KEY, value=row.key, message=f"Line {keys[row.key]} has the same key.")]
        place = f"{path.name}:{line.number}"
        sheet.problems.extend(
            Problem(path=place, value=one.value, message=f"{one.path}: {one.message}" if one.path else one.message)
            for one in problems
        )
        if row is not None and not problems:
            keys[row.key] = line.number
            sheet.rows.append(row)
    if not (sheet.rows or sheet.problems):
        raise UsageError(f"{path} has no rows.")
    return sheet


def _row(
    line: Line, path: Path, mark: str, usual: str | None, find: Find, check: Check
) -> tuple[Row | None, list[Problem]]:
    if line.problem is not None:
        return None, [Problem(path="", value=None, message=line.problem)]
    values = dict(line.values)
    name, key = values.pop(OPERATION, usual), values.pop(KEY, None)
    if not isinstance(name, str) or not isinstance(key, str | int | None):
        missing = "It names no operation: add a column `operation`, or say --operation PROVIDER/OPERATION."
        return None, [Problem(path="", value=None, message=missing)]
    try:
        operation = find(name.strip())
        parameters = _parameters(operation, values, path.parent)
        validate(operation, parameters)
    except InvalidParameters as error:
        return None, list(error.problems)
    except TaskferryError as error:
        return None, [Problem(path="", value=None, message=clean(error))]
    if reason := check(operation, parameters):
        return None, [Problem(path="", value=None, message=reason)]
    known = f"{mark}:{line.number}" if key is None else str(key).strip()
    return Row(line=line.number, operation=operation.name, parameters=parameters, key=f"batch:{known}"), []


def _parameters(operation: Operation, values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    inner = values.get(PARAMETERS)
    if isinstance(inner, dict):
        values = {**inner, **{name: value for name, value in values.items() if name != PARAMETERS}}
    schemas: Mapping[str, Any] = operation.parameters.get("properties", {})
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in values.items():
        plain = name.removesuffix(":")
        try:
            found[plain] = json.loads(value) if plain != name else _value(value, schemas.get(plain, {}), folder)
        except (ValueError, TypeError, RecursionError) as error:
            problems.append(Problem(path=plain, value=value, message=f"It is not JSON ({clean(error, 120)})."))
    if problems:
        raise InvalidParameters(operation.name, problems)
    return found


def _value(value: Any, schema: Mapping[str, Any], folder: Path) -> Any:
    """Read a cell as its schema says; a text that names a file beside the sheet becomes that file's path."""
    if schema.get("format") == "media" and isinstance(value, str):
        return _media(value.strip(), folder)
    items = schema.get("items", {})
    if isinstance(items, Mapping) and items.get("format") == "media":
        parts = typed(value, schema) if isinstance(value, str) else value
        return [_media(part.strip(), folder) if isinstance(part, str) else part for part in _each(parts)]
    return typed(value, schema) if isinstance(value, str) else value


def _each(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]


def _media(text: str, folder: Path) -> str | Path:
    if text.startswith("@"):
        return folder / Path(text[1:]).expanduser()
    if "://" in text or "\0" in text or len(text) > 1000:
        return text
    place = folder / Path(text).expanduser()
    return place if place.is_file() else text
