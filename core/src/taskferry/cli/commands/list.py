"""`taskferry list`: the latest tasks as the ledger has them."""

from __future__ import annotations

import time

import click

from taskferry.cli import listing, options, showing
from taskferry.cli.choosing import Among, moment
from taskferry.cli.ledgers import reading
from taskferry.status import Status
from taskferry.task import Kind

_SINCE = "such as 2h, 7d, 2026-11-21 or 2026-11-21T14:00"


@click.command("list", short_help="List tasks, newest first.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=showing.ROWS, metavar="N", help="Show at most N (50 unless told)."
)
@click.option("--status", type=Among("status", Status, many=True), metavar="STATUS,...", help="Only tasks that are so.")
@click.option("--provider", metavar="NAME", help="Only tasks of this provider.")
@click.option(
    "--operation", metavar="NAME", shell_complete=options.completing("operations"), help="Only tasks of this operation."
)
@click.option("--kind", type=Among("kind", Kind), metavar="KIND", help="Only tasks that made this: image, video, ...")
@click.option("--text", metavar="TEXT", help="Only tasks with this in their prompt.")
@click.option("--parked", is_flag=True, help="Only tasks that nobody watches any more.")
@click.option("--since", callback=moment, metavar="WHEN", help=f"Only tasks made since then, {_SINCE}.")
@click.option("--until", callback=moment, metavar="WHEN", help="Only tasks made before then.")
@click.option(
    "--before",
    metavar="ID",
    shell_complete=options.completing("tasks"),
    help="The page after the one that ended with this task.",
)
@click.option(
    "--columns",
    type=Among("column", listing.COLUMNS, many=True),
    default=",".join(listing.USUAL),
    metavar="NAME,...",
    help=f"What to show: {', '.join(listing.COLUMNS)}.",
)
@options.as_json
def command(
    limit: int,
    status: tuple[str, ...] | None,
    provider: str | None,
    operation: str | None,
    kind: str | None,
    text: str | None,
    parked: bool,
    since: float | None,
    until: float | None,
    before: str | None,
    columns: tuple[str, ...],
    as_json: bool,
) -> int:
    """List tasks, newest first, as the ledger has them; no provider is asked.

    COST: ~ is an estimate, ≤ may never be billed. The arrow names the command that a task needs. On a narrow terminal
    columns give way; away from one, every word is there in full.
    """
    with reading() as ledger:
        records = []
        if ledger:
            records = ledger.recent(
                limit,
                statuses=None if status is None else [Status(one) for one in status],
                provider=provider,
                operation=operation,
                kind=None if kind is None else Kind(kind),
                text=text,
                parked=True if parked else None,
                since=since,
                until=until,
                before=None if before is None else ledger.find(before).id,
            )
        watched = {record.id for record in records if ledger and record.holder and ledger.is_held_elsewhere(record)}
        narrowed = bool(ledger and ledger.recent(1))
    return showing.show_list(
        records, watched, time.time(), as_json=as_json, columns=columns, narrowed=narrowed, limit=limit
    )
