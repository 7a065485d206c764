"""`taskferry ledger`: look after the file that remembers every task."""

from __future__ import annotations

import click

from taskferry.cli.commands.ledger.back_up import backup
from taskferry.cli.commands.ledger.check import check
from taskferry.cli.commands.ledger.export import export
from taskferry.cli.commands.ledger.take_in import take_in
from taskferry.cli.commands.ledger.vacuum import vacuum


@click.group(
    "ledger",
    short_help="Check, back up, move the ledger.",
    commands=[check, backup, vacuum, export, take_in],
    epilog="Each of these takes --json and --help.",
)
def command() -> None:
    """Look after the ledger, the one file that remembers every task."""
