"""`taskferry download`: put a task's files where you want them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from taskferry.cli import options, waiting
from taskferry.cli.folders import usable
from taskferry.ledger.record import Record

if TYPE_CHECKING:
    from taskferry.ferry import Ferry
    from taskferry.handle import FerryTask


@click.command("download", short_help="Put the files of a task into a folder.")
@options.task_id
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    required=True,
    help="The folder; it is made if need be.",
)
@options.timeout
@options.as_json
def command(task_id: str, out: Path, timeout: float | None, as_json: bool) -> int:
    """Put the files of a task into DIR; one that still runs is waited for.

    Files that were not kept yet are fetched from the provider, as long as it serves them.
    """

    folder = usable(out)

    async def begin(ferry: Ferry) -> Sequence[FerryTask]:
        return [await ferry.resume(task_id)]

    async def finish(task: FerryTask) -> Record:
        return await waiting.saved_to(task, folder) if task.snapshot.kept else task.record

    return waiting.conclude(waiting.follow(begin, timeout=timeout, finish=finish), as_json=as_json)
