"""`taskferry watch`: see tasks live, wherever they were started."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from taskferry.cli import options, output, waiting

if TYPE_CHECKING:
    from taskferry.ferry import Ferry
    from taskferry.handle import FerryTask


@click.command("watch", short_help="See tasks live until they end.")
@options.task_ids
@options.timeout
@options.as_json
def command(task_ids: tuple[str, ...], timeout: float | None, as_json: bool) -> int:
    """See tasks live until they end; without an ID every unfinished one, also those of other processes.

    Without an ID, jobs that any process submits meanwhile are shown, too. On a terminal that goes on until Ctrl-C or
    --timeout; in a pipe or with --json it ends as soon as every task has ended.
    """
    endless = not task_ids and not as_json and sys.stdout.isatty()

    async def begin(ferry: Ferry) -> Sequence[FerryTask]:
        wanted = dict.fromkeys(task_ids) or [record.id for record in ferry.ledger.unfinished()]
        if not wanted:
            more = " Jobs are shown as they are submitted; Ctrl-C ends this." if endless else ""
            output.note(f"Nothing is under way.{more}")
        return [await ferry.resume(task_id) for task_id in wanted]

    joining = None if task_ids else waiting.Joining(endless=endless)
    return waiting.conclude(waiting.follow(begin, timeout=timeout, joining=joining), as_json=as_json)
