"""One card's text, read whole: the TOML, its shape, its sense, and then its values."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from taskferry.cards.lines import Lines, line_of
from taskferry.cards.lines import Path as Where
from taskferry.cards.model import Card
from taskferry.cards.reading.calls import fetch_spec
from taskferry.cards.reading.operations import operation_specs, shared_kinds
from taskferry.cards.reading.provider import provider_values, status_spec
from taskferry.cards.reading.rest import error_spec, examples, optional_tables
from taskferry.cards.schema import Finding, shape_problems
from taskferry.cards.semantics import semantic_problems
from taskferry.errors import CardError, CardProblem
from taskferry.text import clean

MAX_BYTES = 1_000_000
"""Of a card's text; the longest that people write is a fiftieth of it."""
_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def read_card(text: str, source: str = "card.toml") -> Card:
    """Read a card; raise CardError with everything that is wrong with it.

    :param source: the file's name, for messages.
    """
    document, lines = _parsed(text, source)
    findings = list(shape_problems(document)) or list(semantic_problems(document))
    if findings:
        raise CardError(source, located(findings, lines.places))
    return Card(
        source_name=source,
        **provider_values(document["provider"]),
        status=status_spec(document["status"]),
        operations=operation_specs(document["operations"], document["fetch"]),
        fetch=fetch_spec(document["fetch"], shared_kinds(document["operations"])[0]),
        errors=error_spec(document.get("errors", {})),
        **optional_tables(document),
        examples=examples(document.get("examples", ()), lines),
        lines=lines.places,
    )


def load_card(place: str | Path) -> Card:
    """Read the card at a path, or of a package as `package.module:file.toml`; raise CardError."""
    module, colon, file = str(place).partition(":")
    if isinstance(place, str) and colon and not Path(place).exists() and _is_module(module):
        return read_card(_packaged(module, file), file)
    path = Path(place)
    try:
        content = _bounded(path.read_bytes(), path.name)
    except OSError as error:
        raise _unreadable(str(place), f"cannot be read: {clean(error, 200)}") from error
    return read_card(content, path.name)


def located(findings: Iterable[Finding], places: Mapping[Where, int]) -> Sequence[CardProblem]:
    """Give what is wrong its lines and names; `places` has the lines by path."""
    problems = []
    for one in findings:
        table, key = _named(one.path)
        problems.append(
            CardProblem(
                line=line_of(places, one.path),
                table=table,
                key="" if one.about_table else key,
                what=one.what,
                allowed=tuple(one.allowed),
                nearest=one.nearest,
            )
        )
    return problems


def _named(path: Sequence[str | int]) -> tuple[str, str]:
    """Give the table and the key of a path, list items counted from 1: `examples #2` and `body`."""
    names: list[str] = []
    for part in path:
        if isinstance(part, int) and names:
            names[-1] += f" #{part + 1}"
        else:
            names.append(clean(part, 60))
    *table, key = names or [""]
    return ".".join(table), key


def _parsed(text: str, source: str) -> tuple[dict[str, Any], Lines]:
    try:
        text.encode()
        document = tomllib.loads(text)
        return document, Lines(text.replace("\r\n", "\n"))
    except RecursionError as error:
        raise _unreadable(source, "is nested too deeply") from error
    except ValueError as error:  # tomllib's own, numbers of thousands of digits, halves of letters
        raise _unreadable(source, f"is not TOML: {clean(error, 200)}", _line_of(str(error), text)) from error


def _line_of(message: str, text: str) -> int:
    found = _LINE.search(message)
    if found:
        return int(found[1])
    return text.count("\n") + 1 if "end of document" in message else 1


def _is_module(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _packaged(module: str, file: str) -> str:
    package, name = module, file
    try:
        found = resources.files(package).joinpath(name)
        content = found.read_bytes()
    except (OSError, ImportError, TypeError, ValueError) as error:
        told = f"cannot be read from {module}: {type(error).__name__}: {clean(error, 200)}"
        raise _unreadable(file, told) from error
    return _bounded(content, file)


def _bounded(content: bytes, source: str) -> str:
    if len(content) > MAX_BYTES:
        raise _unreadable(source, f"has {len(content):,} bytes; a card has at most {MAX_BYTES:,}")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise _unreadable(source, f"is not UTF-8: {error}") from error


def _unreadable(source: str, what: str, line: int = 1) -> CardError:
    return CardError(source, [CardProblem(line=line, table="", what=what)])
