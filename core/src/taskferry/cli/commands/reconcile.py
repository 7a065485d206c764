"""`taskferry reconcile`: find out what became of a job whose reply was lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from taskferry.adapter import Candidate
from taskferry.cli import exits, options, output, render, waiting
from taskferry.cli.opening import with_ferry
from taskferry.errors import TaskferryError
from taskferry.ledger.record import Record
from taskferry.status import Status
from taskferry.text import clean

if TYPE_CHECKING:
    from taskferry.ferry import Ferry


@frozen(kw_only=True)
class Settled:
    """What trying to settle one task came to."""

    record: Record
    outcome: str
    explanation: str
    candidates: Sequence[Candidate] = ()
    code: int = exits.DONE


@click.command("reconcile", short_help="Settle jobs whose reply was lost.")
@click.argument("task_id", required=False, metavar="[ID]")
@click.option("--adopt", metavar="REMOTE", help="Take this job at the provider: its plain id, or its `remote` as JSON.")
@click.option("--abandon", is_flag=True, help="Give the task up; a job that may exist at the provider may be billed.")
@options.as_json
def command(task_id: str | None, adopt: str | None, abandon: bool, as_json: bool) -> int:
    """Settle a task whose create reply was lost, by what the provider lists; without an ID, each one in turn.

    Exit code 5 says that a task is still unconfirmed and that you have to decide.
    """
    if adopt is not None and abandon:
        raise click.UsageError("Give --adopt or --abandon, not both.")
    if task_id is None and (adopt is not None or abandon):
        raise click.UsageError("--adopt and --abandon need the ID of the task that they are about.")

    async def settle(ferry: Ferry) -> list[Settled]:
        if task_id is not None:
            found = await ferry.reconcile(task_id, adopt=adopt, abandon=abandon)
            return [_settled(found.record, found.outcome, found.explanation, found.candidates)]
        waiting_rows = ferry.ledger.recent(1000, statuses={Status.UNCONFIRMED, Status.SUBMITTING})
        return [await _tried(ferry, record) for record in waiting_rows]

    return _show(with_ferry(settle), as_json=as_json)


async def _tried(ferry: Ferry, record: Record) -> Settled:
    try:
        found = await ferry.reconcile(record.id)
    except TaskferryError as error:
        return Settled(record=record, outcome="failed", explanation=str(error), code=exits.UNCONFIRMED)
    return _settled(found.record, found.outcome, found.explanation, found.candidates)


def _settled(record: Record, outcome: str, explanation: str, candidates: Sequence[Candidate]) -> Settled:
    code = exits.UNCONFIRMED if record.snapshot.status is Status.UNCONFIRMED else exits.DONE
    return Settled(record=record, outcome=outcome, explanation=explanation, candidates=candidates, code=code)


def _show(found: Sequence[Settled], *, as_json: bool) -> int:
    if as_json:
        document = waiting.tasks_document([one.record for one in found])
        output.document({**document, "reconciliations": [_document(one) for one in found]})
    elif not found:
        output.note("No task is unconfirmed.")
    else:
        for one in found:
            for line in _lines(one):
                output.say(line)
    return max((one.code for one in found), default=exits.DONE)


def _lines(one: Settled) -> list[str]:
    rows = [
        (
            json.dumps(candidate.remote),
            clean(candidate.provider_type or "", 40),
            clean(candidate.provider_status or "", 40),
            clean(candidate.prompt or "", 80),
        )
        for candidate in one.candidates
    ]
    lines = [f"{render.headline(one.record)}  {one.outcome}: {one.explanation}"]
    lines += [f"  {line}" for line in render.columns(("REMOTE", "TYPE", "STATUS", "PROMPT"), rows)] if rows else []
    if one.outcome == "adopted" and not one.record.snapshot.status.terminal:
        lines.append(f"Go on with `taskferry resume {one.record.id}`.")
    return lines


def _document(one: Settled) -> dict[str, Any]:
    return {
        "task_id": one.record.id,
        "outcome": one.outcome,
        "explanation": one.explanation,
        "candidates": [
            {
                "remote": candidate.remote,
                "created_at": candidate.created_at,
                "prompt": candidate.prompt,
                "provider_type": candidate.provider_type,
                "provider_status": candidate.provider_status,
            }
            for candidate in one.candidates
        ],
    }
