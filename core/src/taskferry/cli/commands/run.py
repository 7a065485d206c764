"""`taskferry run`: submit a job, wait for it, keep its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from taskferry.cli import options, waiting
from taskferry.cli.examples import CommandWithExamples
from taskferry.cli.submitting import submitted
from taskferry.ledger.record import Record

if TYPE_CHECKING:
    from taskferry.ferry import Ferry
    from taskferry.handle import FerryTask


@click.command("run", cls=CommandWithExamples, short_help="Submit a job, wait for it and keep its files.")
@options.submitting
@options.timeout
@options.preview
def command(
    operation: str,
    pairs: tuple[str, ...],
    out: Path | None,
    timeout: float | None,
    preview: bool,
    max_cost: str | None,
    allow_unpriced: bool,
    policy: str | None,
    prefer: tuple[str, ...],
    again: bool,
    as_json: bool,
) -> int:
    """Submit a job, wait for it and keep its files.

    Ctrl-C ends the waiting, not the job: the command to go on with is printed.

    \b
    Exit codes: 0 done, 1 ended without success, 2 wrong parameters, 3 still running,
    4 refused by the provider, 5 unconfirmed, 6 a file could not be kept, 130 interrupted.
    """

    async def begin(ferry: Ferry) -> Sequence[FerryTask]:
        money = {"max_cost": max_cost, "allow_unpriced": allow_unpriced}
        choice = {"policy": policy, "prefer": prefer}
        return [await submitted(ferry, operation, pairs, out=out, again=again, **money, **choice)]

    async def finish(task: FerryTask) -> Record:
        if out is None or not (task.duplicate and task.snapshot.kept):
            return task.record
        from taskferry.artifacts import folder_for  # brings in httpx: not for --help

        return await waiting.saved_to(task, folder_for(out, task.record))

    ending = waiting.follow(begin, timeout=timeout, finish=finish)
    code = waiting.conclude(ending, as_json=as_json)
    if preview and not as_json:
        from taskferry.cli.previews import show_previews  # brings in Pillow, where it is installed

        show_previews(ending.records)
    return code
