"""`taskferry ledger vacuum`: give back the room that the ledger no longer needs."""

from __future__ import annotations

import click

from taskferry.cli import options, output
from taskferry.cli.ledgers import existing


@click.command("vacuum", short_help="Give back unused room.")
@options.as_json
def vacuum(as_json: bool) -> None:
    """Write the ledger's file anew without the gaps in it; needs as much free room as the file has."""
    with existing(readonly=False) as ledger:
        before, after = ledger.vacuum()
    if as_json:
        output.document({"before": before, "after": after})
    else:
        output.say(f"{before:,} bytes before, {after:,} bytes now.")
