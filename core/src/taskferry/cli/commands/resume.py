"""`taskferry resume`: go on with what an earlier process left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from taskferry.cli import options, output, piping, waiting

if TYPE_CHECKING:
    from taskferry.ferry import Ferry
    from taskferry.handle import FerryTask


@click.command("resume", short_help="Go on with unfinished tasks and wait for them.")
@options.task_ids
@click.option("--all", "everything", is_flag=True, help="Every unfinished task that no live process has in hand.")
@options.timeout
@options.as_json
def command(task_ids: tuple[str, ...], everything: bool, timeout: float | None, as_json: bool) -> int:
    """Go on with tasks that an earlier process left, parked ones included, and wait for all of them.

    Nothing is ever submitted twice: a job that the provider may have is found again, not made again.
    Without an ID every unfinished task is meant, as with --all.
    """
    if task_ids and everything:
        raise click.UsageError("Give IDs or --all, not both.")

    async def begin(ferry: Ferry) -> Sequence[FerryTask]:
        if task_ids:
            return [await ferry.resume(task_id) for task_id in piping.task_ids(task_ids)]
        tasks = await ferry.resume_all()
        if not tasks:
            output.note("Nothing is left to resume.")
        return tasks

    return waiting.conclude(waiting.follow(begin, timeout=timeout), as_json=as_json)
