"""`taskferry cancel`: ask the provider to stop a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from taskferry.cli import exits, options, output, waiting
from taskferry.cli.opening import with_ferry
from taskferry.ledger.record import Record
from taskferry.task import CancelOutcome

if TYPE_CHECKING:
    from taskferry.ferry import Ferry

EXPLAINED = {
    CancelOutcome.ACCEPTED: "It is cancelled, or the provider took the wish and its end will show.",
    CancelOutcome.TOO_LATE: "It had already ended.",
    CancelOutcome.UNSUPPORTED: "The provider cannot cancel: the job goes on and is billed.",
    CancelOutcome.UNKNOWN: "The wish is kept and acted on as soon as it can be.",
}

_ELSEWHERE = "Another process has it in hand and waits for the provider's answer: ask again once there is one."


@click.command("cancel", short_help="Ask the provider to stop a job.")
@options.task_id
@options.as_json
def command(task_id: str, as_json: bool) -> int:
    """Ask the provider to stop a job, and print accepted, too_late, unsupported or unknown.

    Exit codes: 0 accepted, 1 too late or unsupported, 3 unknown.
    """

    async def cancel(ferry: Ferry) -> tuple[CancelOutcome, Record, bool]:
        task = await ferry.task(task_id)
        return await task.cancel(), task.record, task.elsewhere

    outcome, record, elsewhere = with_ferry(cancel)
    if as_json:
        output.document({**waiting.tasks_document([record]), "outcome": outcome.value})
    else:
        output.say(outcome.value)
    output.note(_ELSEWHERE if elsewhere and outcome is CancelOutcome.UNKNOWN else EXPLAINED[outcome])
    return exits.BY_CANCEL[outcome]
