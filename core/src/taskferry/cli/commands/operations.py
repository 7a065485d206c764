"""`taskferry operations`: what can be made, and with which parameters."""

from __future__ import annotations

from collections.abc import Sequence

import click

from taskferry.cli import describing, options, output, render
from taskferry.cli.manual import manual
from taskferry.cli.submitting import operation_named, operations_of
from taskferry.operation import Operation
from taskferry.registry import Registry


@click.command("operations", short_help="List what can be made, or the parameters of one operation.")
@options.perhaps_operation
@options.as_json
def command(name: str | None, as_json: bool) -> int:
    """List what can be made, by all providers or one; with PROVIDER/OPERATION, every parameter of it and an example."""
    registry = Registry()
    one = name is not None and "/" in name
    listed = [operation_named(registry, name)] if name is not None and one else operations_of(registry, name)
    if as_json:
        output.document({"operations": [describing.operation_document(operation) for operation in listed]})
        return 0
    for line in manual(listed[0], output.width()) if one else _overview(listed):
        output.say(line)
    return 0


def _overview(listed: Sequence[Operation]) -> list[str]:
    if not listed:
        output.note("No provider is installed that offers any. `taskferry doctor` says more.")
        return []
    rows = [(one.name, one.kind.value, describing.short_price(one), one.title) for one in listed]
    return [*render.columns(("OPERATION", "MAKES", "PRICE", "WHAT IT IS"), rows, output.width())]
