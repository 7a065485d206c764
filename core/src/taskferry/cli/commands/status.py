"""`taskferry status`: one task as the ledger has it, or after a fresh look."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from taskferry.cli import options, showing
from taskferry.cli.ledgers import found, reading

if TYPE_CHECKING:
    from taskferry.ferry import Ferry


@click.command("status", short_help="Show one task.")
@options.task_id
@click.option("--refresh", is_flag=True, help="Ask the provider first; at most once a second.")
@options.preview
@options.as_json
def command(task_id: str, refresh: bool, preview: bool, as_json: bool) -> int:
    """Show one task as the ledger has it; the start of an ID is enough.

    The exit code is the task's own: 0 succeeded, 1 ended otherwise, 3 still running, 4 refused, 5 unconfirmed,
    6 succeeded but not all files are kept.
    """
    if refresh:
        _look(task_id)
    with reading() as ledger:
        record = found(ledger, task_id)
        watched = bool(ledger and record.holder and ledger.is_held_elsewhere(record))
    code = showing.show_status(record, time.time(), watched=watched, as_json=as_json)
    if preview and not as_json:
        from taskferry.cli.previews import show_previews  # brings in Pillow, where it is installed

        show_previews([record])
    return code


def _look(task_id: str) -> None:
    from taskferry.cli.opening import with_ferry  # brings in asyncio and httpx: only for a look

    async def look(ferry: Ferry) -> None:
        task = await ferry.task(task_id)
        await task.refresh()

    with_ferry(look)
