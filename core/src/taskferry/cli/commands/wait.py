"""`taskferry wait`: wait for tasks that exist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from taskferry.cli import options, piping, waiting

if TYPE_CHECKING:
    from taskferry.ferry import Ferry
    from taskferry.handle import FerryTask


@click.command("wait", short_help="Wait for tasks and keep their files.")
@click.argument("task_ids", nargs=-1, required=True, metavar="ID...", shell_complete=options.completing("tasks"))
@options.timeout
@options.as_json
def command(task_ids: tuple[str, ...], timeout: float | None, as_json: bool) -> int:
    """Wait until the tasks have ended and their files are kept; the start of an ID is enough.

    A task that another process watches is followed, not taken from it. With - the ids are read from standard input, as
    lines or as what --json printed: `taskferry submit ... | taskferry wait -`.
    """
    wanted = piping.task_ids(task_ids)

    async def begin(ferry: Ferry) -> Sequence[FerryTask]:
        return [await ferry.resume(task_id) for task_id in wanted]

    return waiting.conclude(waiting.follow(begin, timeout=timeout), as_json=as_json)
