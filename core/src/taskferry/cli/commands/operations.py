"""`taskferry operations`: what can be made, and with which parameters."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence

import click

from taskferry.cli import describing, options, output, render
from taskferry.cli.examples import example_line
from taskferry.cli.submitting import operation_named
from taskferry.operation import Operation
from taskferry.registry import Registry


@click.command("operations", short_help="List what can be made, or the parameters of one operation.")
@options.perhaps_operation
@options.as_json
def command(name: str | None, as_json: bool) -> int:
    """List what can be made, by all providers or one; with PROVIDER/OPERATION, every parameter of it and an example."""
    registry = Registry()
    one = name is not None and "/" in name
    listed = [operation_named(registry, name)] if name is not None and one else registry.operations(name)
    if as_json:
        output.document({"operations": [describing.operation_document(operation) for operation in listed]})
        return 0
    for line in _in_full(listed[0]) if one else _overview(listed):
        output.say(line)
    return 0


def _overview(listed: Sequence[Operation]) -> list[str]:
    if not listed:
        output.note("No provider is installed that offers any. `taskferry doctor` says more.")
        return []
    rows = [(one.name, one.kind.value, describing.short_price(one), one.title) for one in listed]
    return [*render.columns(("OPERATION", "MAKES", "PRICE", "WHAT IT IS"), rows, _width())]


def _in_full(operation: Operation) -> list[str]:
    facts = [
        ("makes", operation.kind.value),
        ("takes", describing.time_text(operation)),
        ("costs", describing.price_text(operation)),
    ]
    parts: list[list[str]] = [
        [f"{operation.name}  {operation.title}"],
        _wrapped(operation.description, "") if operation.description else [],
        render.columns((), facts),
        _parameters(operation),
    ]
    if operation.example:
        parts.append([example_line(operation)])
    return "\n\n".join("\n".join(part) for part in parts if part).splitlines()


def _parameters(operation: Operation) -> list[str]:
    """Give the parameters as a table whose last column is wrapped, and as a list where the terminal is too narrow."""
    rows = describing.parameter_rows(operation)
    heads = [row[:3] for row in rows]
    table = render.columns(describing.PARAMETER_HEADERS[:3], heads)
    start = max(map(render.cells, table), default=0) + 2
    lines = [table[0].ljust(start) + describing.PARAMETER_HEADERS[3]]
    for head, row in zip(table[1:], rows, strict=True):
        first, *more = _wrapped(row[3], " " * start) or [""]
        lines += [(head.ljust(start) + first.lstrip()).rstrip(), *more]
    return [*lines, "", "* must be given"] if operation.required else lines


def _wrapped(text: str, indent: str) -> list[str]:
    width = max(_width() or 100, len(indent) + 30)
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent)


def _width() -> int | None:
    return shutil.get_terminal_size().columns if output.is_terminal() else None
