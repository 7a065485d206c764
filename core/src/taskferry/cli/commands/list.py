"""`taskferry list`: the latest tasks as the ledger has them."""

from __future__ import annotations

import shutil
import time

import click

from taskferry.cli import options, output, render
from taskferry.cli.ledgers import reading
from taskferry.document import task_document


@click.command("list", short_help="List tasks, newest first.")
@click.option("--limit", type=click.IntRange(min=1), default=50, metavar="N", help="Show at most N (50 unless told).")
@options.as_json
def command(limit: int, as_json: bool) -> int:
    """List tasks, newest first, as the ledger has them; no provider is asked.

    COST: ~ is an estimate, ≤ may never be billed. The arrow names the command that a task needs.
    """
    with reading() as ledger:
        records = ledger.recent(limit) if ledger else []
        watched = {record.id for record in records if ledger and record.holder and ledger.is_held_elsewhere(record)}
    if as_json:
        output.document({"tasks": [task_document(record) for record in records]})
        return 0
    if not records:
        output.note("There are no tasks yet: `taskferry demo` makes some for nothing.")
        return 0
    terminal = output.is_terminal()
    names = render.short_ids([record.id for record in records]) if terminal else {}
    hints = {
        record.id: render.hint(record, watched=record.id in watched, name=names.get(record.id)) for record in records
    }
    rows = render.list_rows(records, time.time(), names, hints)
    width = shutil.get_terminal_size().columns if terminal else None
    for line in render.columns(render.LIST_HEADERS, rows, width, render.PROMPT):
        output.say(line)
    return 0
