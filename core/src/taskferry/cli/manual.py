"""An operation in full, as `taskferry operations` and `run OPERATION --help` show it, on any width."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from taskferry.cli import describing, render
from taskferry.cli.example_line import example_line
from taskferry.operation import Operation

_ROOM = 24
"""Cells that a parameter's meaning needs beside its name; with fewer it goes below."""
_USUAL = 100
_NARROWEST = 12


def manual(operation: Operation, width: int | None, verb: str = "run") -> list[str]:
    """Give what it makes, how long that takes, what it costs, every parameter, and an example to paste."""
    facts = [
        ("makes", operation.kind.value),
        ("takes", describing.time_text(operation)),
        ("costs", describing.price_text(operation)),
    ]
    parts: list[Sequence[str]] = [
        _wrapped(f"{operation.name}  {operation.title}", width),
        _wrapped(operation.description, width) if operation.description else [],
        [line for fact in render.columns((), facts) for line in _wrapped(fact, width, " " * 7)],
        _parameters(operation, width),
    ]
    if operation.example:
        parts.append([example_line(operation, verb)])
    return "\n\n".join("\n".join(part) for part in parts if part).splitlines()


def _parameters(operation: Operation, width: int | None) -> list[str]:
    """Give a table whose last column is wrapped, or a list where the terminal is too narrow for one."""
    rows = describing.parameter_rows(operation)
    heads = [row[:3] for row in rows]
    table = render.columns(describing.PARAMETER_HEADERS[:3], heads)
    start = max(map(render.cells, table), default=0) + 2
    if width is not None and width - start < _ROOM:
        return [line for row in rows for line in _listed(row, width)] + _starred(operation)
    lines = [table[0].ljust(start) + describing.PARAMETER_HEADERS[3]]
    for head, row in zip(table[1:], rows, strict=True):
        first, *more = _wrapped(row[3], width, " " * start, first=start) or [""]
        lines += [(head.ljust(start) + first).rstrip(), *more]
    return lines + _starred(operation)


def _listed(row: tuple[str, str, str, str], width: int) -> list[str]:
    name, kind, default, meaning = row
    told = f"{kind}{f', {default} unless told' if default else ''}. {meaning}"
    return [name, *(f"  {line}" for line in _wrapped(told, width - 2))]


def _starred(operation: Operation) -> list[str]:
    return ["", "* must be given"] if operation.required else []


def _wrapped(text: str, width: int | None, indent: str = "", *, first: int = 0) -> list[str]:
    """Wrap a text, its lines after the first indented; the first one has so many cells less."""
    lines = textwrap.wrap(text, max(width or _USUAL, _NARROWEST), initial_indent=" " * first, subsequent_indent=indent)
    return [lines[0][first:], *lines[1:]] if lines else []
