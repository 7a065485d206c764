"""`taskferry ledger export`: write the ledger as lines of JSON."""

from __future__ import annotations

import os
from pathlib import Path

import click

from taskferry.cli import options, output
from taskferry.cli.ledgers import existing
from taskferry.ledger.backup import new_file


@click.command("export", short_help="Write it as lines of JSON.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@options.as_json
def export(file: Path, as_json: bool) -> None:
    """Write every task with all that is known of it to a new FILE, a line of JSON each, that only you can read.

    It holds prompts, replies and the addresses of results, and no keys.
    """
    tasks = -1
    with existing() as ledger, os.fdopen(new_file(file), "w", encoding="ascii") as lines:
        for line in ledger.export():
            lines.write(f"{line}\n")
            tasks += 1
    if as_json:
        output.document({"path": str(file.absolute()), "tasks": tasks})
    else:
        output.say(f"{file}: {tasks} tasks. Elsewhere, `taskferry ledger import` takes them in.")
