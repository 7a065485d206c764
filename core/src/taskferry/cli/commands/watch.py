"""`taskferry watch`: see tasks live, wherever they were started."""

from __future__ import annotations

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
    """See tasks live until they end; without an ID every unfinished one, also those of other processes."""

    async def begin(ferry: Ferry) -> Sequence[FerryTask]:
        wanted = dict.fromkeys(task_ids) or [record.id for record in ferry.ledger.unfinished()]
        if not wanted:
            output.note("Nothing is under way.")
        return [await ferry.resume(task_id) for task_id in wanted]

    return waiting.conclude(waiting.follow(begin, timeout=timeout), as_json=as_json)
