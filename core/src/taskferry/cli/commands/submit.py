"""`taskferry submit`: submit a job and leave it to the provider."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from taskferry.cli import exits, options, output, render, waiting
from taskferry.cli.examples import CommandWithExamples
from taskferry.cli.sharing import told_of_workers
from taskferry.cli.submitting import submitted

if TYPE_CHECKING:
    from taskferry.ferry import Ferry
    from taskferry.handle import FerryTask


@click.command("submit", cls=CommandWithExamples, short_help="Submit a job, print its id and come back.")
@options.submitting
def command(
    operation: str,
    pairs: tuple[str, ...],
    out: Path | None,
    max_cost: str | None,
    allow_unpriced: bool,
    policy: str | None,
    prefer: tuple[str, ...],
    again: bool,
    as_json: bool,
) -> int:
    """Submit a job, print its id and come back as soon as the provider has it.

    Nobody watches the job then, until `wait`, `watch` or `resume` does. With a ledger that machines share it comes
    back as soon as the job is in it: a worker submits it and watches.
    """

    async def begin(ferry: Ferry) -> Sequence[FerryTask]:
        money = {"max_cost": max_cost, "allow_unpriced": allow_unpriced}
        choice = {"policy": policy, "prefer": prefer}
        task = await submitted(ferry, operation, pairs, out=out, again=again, **money, **choice)
        left[task.id] = await told_of_workers(ferry, task.record, out)
        return [task]

    left: dict[str, str | None] = {}
    ending = waiting.follow(begin, wait=False)
    if as_json:
        output.document(waiting.tasks_document(ending.records))
    for record in ending.records:
        if not as_json:
            output.say(record.id)
        accepted = exits.submit_code(record.snapshot) == exits.DONE
        next_step = f"{render.headline(record)}  {record.snapshot.status}. Get it with `taskferry wait {record.id}`."
        said = next_step if accepted else render.remark(record, interrupted=ending.interrupted)
        output.note(left.get(record.id) or said)
    if ending.interrupted:
        return exits.INTERRUPTED
    codes = (exits.submit_code(record.snapshot) for record in ending.records if not left.get(record.id))
    return max(codes, default=exits.DONE)
