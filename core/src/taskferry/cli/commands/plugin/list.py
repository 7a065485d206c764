"""`taskferry plugin list`: what is installed, and what each plugin offers."""

from __future__ import annotations

import click

from taskferry.cli import exits, options, output, render
from taskferry.registry import PluginRow, Registry


@click.command("list", short_help="List the installed plugins.")
@options.as_json
def list_plugins(as_json: bool) -> int:
    """List the installed plugins with the providers that each offers, and why one is not used."""
    registry = Registry()
    registry.operations()  # an adapter that cannot be built adds its own row
    if as_json:
        output.document({"plugins": [_described(row) for row in registry.rows]})
        return exits.DONE
    if not registry.rows:
        output.note("No plugin is installed. `taskferry providers --available` lists those that are known.")
        return exits.DONE
    rows = [
        (row.name, f"{row.distribution} {row.version}".strip(), row.problem or ", ".join(row.providers))
        for row in registry.rows
    ]
    for line in render.columns(("PLUGIN", "DISTRIBUTION", "OFFERS"), rows):
        output.say(line)
    return exits.DONE


def _described(row: PluginRow) -> dict[str, object]:
    return {
        "name": row.name,
        "distribution": row.distribution,
        "version": row.version,
        "providers": list(row.providers),
        "problem": row.problem,
    }
