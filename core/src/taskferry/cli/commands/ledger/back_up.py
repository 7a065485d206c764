"""`taskferry ledger backup`: copy the ledger to a new file."""

from __future__ import annotations

from pathlib import Path

import click

from taskferry.cli import options, output
from taskferry.cli.ledgers import existing
from taskferry.ledger.opening import FILE


@click.command("backup", short_help="Copy it to a new file.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@options.as_json
def backup(file: Path, as_json: bool) -> None:
    """Copy the ledger, as it is at this moment, to a new FILE that only you can read; tasks may go on meanwhile.

    To restore it, end every taskferry process, move the ledger away together with its -wal and -shm files, and put FILE
    in its place.
    """
    with existing() as ledger:
        size = ledger.backup(file)
    if as_json:
        output.document({"path": str(file.absolute()), "size": size})
    else:
        output.say(f"{file}: {size:,} bytes. To restore it, put it in the ledger's place as {FILE}.")
