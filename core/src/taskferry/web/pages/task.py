"""One task: what it made, what it went through, what it cost; and what can be done about it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from attrs import frozen
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from taskferry.cli import words
from taskferry.ferry import Ferry
from taskferry.ledger import Transition
from taskferry.ledger.record import Record
from taskferry.parameters import local_file
from taskferry.status import Status
from taskferry.text import clean
from taskferry.web.forms import sent_form
from taskferry.web.replies import shown_reply
from taskferry.web.state import State, state_of
from taskferry.web.views import TaskView, task_view

SAID: Mapping[str, str] = {
    "cancel-accepted": "Cancelled, or the provider took the wish and the end will show.",
    "cancel-too_late": "The job had already ended.",
    "cancel-unsupported": "This provider cannot cancel: the job goes on and is billed.",
    "cancel-unknown": "The provider's answer is not known yet; the wish is kept and acted on.",
    "resumed": "It goes on.",
    "looked": "Looked at the provider just now.",
    "same": "This job was sent already: here it is.",
}
"""What a page says after something was done; by the word in its address, so that an address says nothing else."""
_LONGEST_VALUE = 2000


@frozen(kw_only=True)
class TaskPage:
    """All that the page of a task shows."""

    view: TaskView
    record: Record
    steps: Sequence[Transition]
    facts: Sequence[tuple[str, str]]
    parameters: Sequence[tuple[str, str]]
    raw: str
    create_reply: str
    suggestion: str
    holder: str
    """The other live process that has it in hand; empty where none has."""
    rivals: Sequence[Record]
    """Other unconfirmed tasks of the same operation: a job that is found could be theirs."""
    can_cancel: bool
    can_resume: bool
    can_look: bool


async def page(request: Request) -> Response:
    """Show a task."""
    state = state_of(request)
    shown = await _page_of(state, request.path_params["id"])
    said = SAID.get(request.query_params.get("said", ""), "")
    return state.renderer.page(request, "task.html", shown=shown, said=said)


async def part(request: Request) -> Response:
    """Give the part of the page that changes."""
    state = state_of(request)
    shown = await _page_of(state, request.path_params["id"])
    return HTMLResponse(str(state.renderer.macro("task_part.html", "part")(shown)))


async def act(request: Request) -> Response:
    """Cancel a task, go on with it, or look at it now; what another process has in hand is left to it.

    A task that a worker has can be cancelled all the same: nobody sits at that worker.
    """
    state, action = state_of(request), request.path_params["action"]
    if action not in _ACTIONS:
        raise HTTPException(status_code=404)
    async with sent_form(request):
        record = await state.ferry.engine.call(state.ferry.ledger.find, request.path_params["id"])
    held = await state.ferry.engine.call(state.ferry.ledger.is_held_elsewhere, record)
    if held and not (action == "cancel" and state.ferry.engine.shares):
        text = "Another process has this task in hand: do that there, or end that process first."
        raise HTTPException(status_code=409, detail=text)
    said = await _ACTIONS[action](state.ferry, record.id)
    return RedirectResponse(f"/tasks/{quote(record.id)}?said={said}", status_code=303)


async def _cancel(ferry: Ferry, task_id: str) -> str:
    task = await ferry.task(task_id)
    return f"cancel-{(await task.cancel()).value}"


async def _resume(ferry: Ferry, task_id: str) -> str:
    await ferry.resume(task_id)
    return "resumed"


async def _look(ferry: Ferry, task_id: str) -> str:
    await (await ferry.task(task_id)).refresh()
    return "looked"


_ACTIONS = {"cancel": _cancel, "resume": _resume, "look": _look}


async def _page_of(state: State, task_id: str) -> TaskPage:
    ferry, call = state.ferry, state.ferry.engine.call
    record = await call(ferry.ledger.find, task_id)
    snapshot = record.snapshot
    steps = await call(ferry.ledger.transitions, record.id)
    elsewhere = await call(ferry.ledger.is_held_elsewhere, record)
    mine = ferry.engine.poller.flight(record.id) is not None
    unconfirmed = snapshot.status is Status.UNCONFIRMED
    goes_on_by_itself = mine and not snapshot.parked
    waiting = not snapshot.status.terminal or (snapshot.status.ok and not snapshot.kept)
    return TaskPage(
        view=task_view(record, state.kinds.of(record)),
        record=record,
        steps=steps,
        facts=_facts(record, steps, ferry),
        parameters=[(name, _shown(value)) for name, value in record.job.parameters.items()],
        raw=shown_reply(snapshot.raw),
        create_reply=shown_reply(record.create_reply),
        suggestion=clean(snapshot.failure.suggestion or "") if snapshot.failure else "",
        holder=clean((record.holder or "").partition("-")[0], 40) if elsewhere else "",
        rivals=await _rivals(ferry, record) if unconfirmed else (),
        can_cancel=not (
            (elsewhere and not ferry.engine.shares) or snapshot.status.terminal or unconfirmed or snapshot.cancel_wanted
        ),
        can_resume=waiting and not (elsewhere or goes_on_by_itself or unconfirmed),
        can_look=snapshot.status.watched and not elsewhere,
    )


async def _rivals(ferry: Ferry, record: Record) -> Sequence[Record]:
    unclear = {Status.UNCONFIRMED, Status.SUBMITTING}
    found = await ferry.recent(20, statuses=unclear, operation=record.job.operation)
    return [one for one in found if one.id != record.id and one.job.account == record.job.account]


def _facts(record: Record, steps: Sequence[Transition], ferry: Ferry) -> Sequence[tuple[str, str]]:
    """List what is known, each with its name."""
    snapshot, flight = record.snapshot, ferry.engine.poller.flight(record.id)
    cost, last = snapshot.cost, steps[-1] if steps else None
    looks = max((step.looks or 0 for step in steps), default=0) if flight is None else flight.looks
    late = last.late if last is not None and snapshot.status.terminal else None
    known = [
        ("Cost", words.cost(snapshot)),
        ("Estimated before", None if cost.estimated is None else f"{cost.estimated:f} {cost.unit or ''}"),
        ("Cap", record.job.max_cost),
        ("Waited", _between(snapshot.submitted_at, snapshot.started_at or snapshot.finished_at)),
        ("Ran", _between(snapshot.started_at, snapshot.finished_at)),
        ("In all", _between(snapshot.created_at, snapshot.finished_at)),
        ("Queue", words.queue_place(snapshot)),
        ("Polls", str(looks) if looks else None),
        ("End noticed", None if late is None else f"at most {late:.1f} s late"),
        ("Run", str(snapshot.run) if snapshot.run > 1 else None),
        ("Provider's word", snapshot.provider_status),
        ("Provider's id", None if record.remote is None else _shown(record.remote)),
        ("Trace ids", ", ".join(snapshot.trace_ids)),
        ("Asked for by", record.job.caller),
        ("API", f"{record.job.generation} at {record.job.base_url}"),
        ("Task", record.id),
    ]
    return [(name, clean(value, _LONGEST_VALUE)) for name, value in known if value]


def _between(begin: float | None, end: float | None) -> str:
    return "" if begin is None or end is None or end < begin else words.span(end - begin)


def _shown(value: Any) -> str:
    path = local_file(value)
    if path is not None:
        return path.name
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return clean(text, _LONGEST_VALUE)
