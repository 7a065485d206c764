"""Where a job's way could break: another process, a full ledger, a wish to cancel, a plugin that is gone."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import httpx
import pytest
import respx
from attrs import evolve

import acme
from taskferry import CancelOutcome, Ferry, Finished, Registry, Snapshot, Status, StillRunning, UsageError
from taskferry.ledger import Record, open_ledger
from taskferry.machine import step
from taskferry.testing import VirtualClock

CREATE = f"{acme.BASE}/jobs"
LOOK = f"{acme.BASE}/jobs/1"
DONE = {"state": "done", "images": [acme.PIXEL.url]}


@pytest.fixture
async def clock():
    async with VirtualClock() as made:
        yield made


@pytest.fixture
def web():
    with respx.mock(using="taskferry", assert_all_called=False) as mock:
        mock.post(CREATE).respond(json={"id": "1"})
        yield mock


async def test_a_second_process_follows_and_takes_over_when_the_first_is_gone(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """While both live, only the holder looks."""
    looks = web.get(LOOK).respond(json={"state": "working"})
    async with acme.ferry(tmp_path, clock=clock) as second:
        async with acme.ferry(tmp_path, clock=clock) as first:
            task = await first.submit("acme/image", prompt="a fox")
            follower = await second.resume(task.id)
            followed = await follower.wait(timeout=5)
            everything = await second.resume_all()
        held = follower.elsewhere
        looks.respond(json=DONE)
        outcome = await follower.wait()

    assert isinstance(followed, StillRunning)
    assert (held, everything, follower.elsewhere) == (True, [], False)
    assert isinstance(outcome, Finished)
    assert outcome.snapshot.kept


async def test_what_was_paid_for_is_written_as_soon_as_the_ledger_can_be(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """The provider's handle is not lost with a ledger that cannot be written for a while."""
    web.get(LOOK).respond(json=DONE)
    path = tmp_path / "ledger.sqlite3"

    def rename(before: str, after: str) -> None:
        with sqlite3.connect(path) as connection:
            connection.execute(f"ALTER TABLE {before} RENAME TO {after}")
        connection.close()

    called = asyncio.Event()

    def create(request: httpx.Request) -> httpx.Response:
        rename("transitions", "hidden")
        called.set()
        return httpx.Response(200, json={"id": "1"})

    web.post(CREATE).mock(side_effect=create)
    async with acme.ferry(tmp_path, clock=clock) as ferry:
        submitting = asyncio.ensure_future(ferry.submit("acme/image", prompt="a fox"))
        await called.wait()
        await clock.wait(asyncio.Event(), 20)
        rename("hidden", "transitions")
        task = await submitting
        outcome = await task.wait()

    assert isinstance(outcome, Finished)
    assert (outcome.snapshot.status, task.record.remote) == (Status.SUCCEEDED, {"id": "1"})
    assert web.post(CREATE).call_count == 1


async def test_a_job_that_waits_for_room_is_cancelled_without_being_sent(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """Nothing exists yet, so nothing has to be asked."""
    create = web.post(CREATE).respond(429, headers={"retry-after": "60"})

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        outcome = await task.cancel()
        end = await task.wait()

    assert (outcome, end.snapshot.status, create.call_count) == (CancelOutcome.ACCEPTED, Status.CANCELLED, 1)


async def test_a_wish_to_cancel_an_unconfirmed_job_is_acted_on_when_it_is_found(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """The wish is in the row, across processes."""
    web.post(CREATE).mock(side_effect=httpx.ReadError("gone"))
    web.get(f"{acme.BASE}/jobs").respond(json={"jobs": [{"id": "1", "prompt": "a fox", "at": clock.now()}]})
    web.get(LOOK).respond(json={"state": "working"})
    stop = web.post(f"{LOOK}/stop").respond(json={"outcome": "accepted"})

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        outcome = await task.cancel()
    async with acme.ferry(tmp_path, clock=clock) as ferry:
        await ferry.reconcile(task.id)
        await (await ferry.resume(task.id)).wait(timeout=10)

    assert outcome is CancelOutcome.UNKNOWN
    assert stop.called


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (httpx.Response(409, json={"message": "over"}), CancelOutcome.TOO_LATE),
        (httpx.Response(500), CancelOutcome.UNKNOWN),
        (httpx.ReadError("gone"), CancelOutcome.UNKNOWN),
    ],
)
async def test_a_cancel_that_the_provider_does_not_confirm_is_an_outcome_too(
    reply: httpx.Response | Exception,
    outcome: CancelOutcome,
    tmp_path: Path,
    clock: VirtualClock,
    web: respx.MockRouter,
) -> None:
    """Never an exception, and the job goes on being watched."""
    web.get(LOOK).respond(json={"state": "working"})
    web.post(f"{LOOK}/stop").mock(side_effect=[reply])

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        answered = await task.cancel()

    assert answered is outcome
    assert task.snapshot.status.watched


async def test_refreshing_looks_once_and_not_again_within_a_second(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """However many ask."""
    looks = web.get(LOOK).respond(json={"state": "working", "percent": 10})

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        snapshot = await task.refresh()
        count = looks.call_count
        await asyncio.gather(*(task.refresh() for _ in range(10)))

    assert (snapshot.status, snapshot.progress, task.look_problem) == (Status.RUNNING, 0.1, None)
    assert looks.call_count == count


async def test_a_failed_look_says_why_what_is_shown_is_old(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """The status stays as it was."""
    web.get(LOOK).respond(502, html="<h1>Bad gateway</h1>")

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        snapshot = await task.refresh()

    assert snapshot.status is Status.QUEUED
    assert "502" in task.look_problem


async def test_a_task_whose_plugin_is_gone_can_still_be_shown(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """And is parked, with the reason, rather than asked about."""
    web.get(LOOK).respond(json={"state": "working"})
    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")

    async with Ferry(home=tmp_path, registry=Registry(entry_points=[], disabled=""), environ={}, clock=clock) as ferry:
        shown = (await ferry.task(task.id)).snapshot
        outcome = await (await ferry.resume(task.id)).wait()

    assert shown.status is Status.QUEUED
    assert isinstance(outcome, StillRunning)
    assert "acme" in outcome.snapshot.parked


async def test_a_clock_that_jumps_neither_ends_nor_hurries_a_job(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """Waits go by monotonic time; a day's jump parks at most, and resuming goes on."""
    looks = web.get(LOOK).respond(json={"state": "working"})

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        await task.wait(timeout=5)
        clock.jump(-86_400)
        back = await task.wait(timeout=30)
        looks.respond(json=DONE)
        end = await task.wait()

    assert isinstance(back, StillRunning)
    assert isinstance(end, Finished)


async def test_reconciling_takes_up_a_task_whose_process_died_while_submitting(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """No resume has to come first."""
    web.get(LOOK).respond(json=DONE)
    async with acme.ferry(tmp_path, clock=clock) as ferry:
        example = (await ferry.submit("acme/image", prompt="a hare")).record
    prepared = Snapshot(
        id="0dead", provider="acme", operation="acme/image", status=Status.PREPARED, created_at=clock.now()
    )
    with open_ledger(tmp_path, now=clock.now) as dying:
        record = dying.add(Record(job=evolve(example.job, parameters={"prompt": "a fox"}), snapshot=prepared))
        dying.save(evolve(record, snapshot=step(prepared, Status.SUBMITTING, clock.now())))
    web.get(f"{acme.BASE}/jobs").respond(json={"jobs": [{"id": "2", "prompt": "a fox", "at": clock.now()}]})
    web.get(f"{acme.BASE}/jobs/2").respond(json=DONE)

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        found = await ferry.reconcile("0dead")

    assert (found.outcome, found.record.remote) == ("adopted", {"id": "2"})


async def test_nothing_works_on_a_ferry_that_is_not_open(tmp_path: Path) -> None:
    """The error says how to open it."""
    with pytest.raises(UsageError, match="async with Ferry"):
        await acme.ferry(tmp_path).submit("acme/image", prompt="a fox")


async def test_what_cannot_be_settled_is_said(tmp_path: Path, clock: VirtualClock, web: respx.MockRouter) -> None:
    """Neither a healthy task nor a job that does not exist can be adopted."""
    web.get(LOOK).respond(json={"state": "working"})
    web.get(f"{acme.BASE}/jobs/404").respond(404, json={"message": "no such job"})
    async with acme.ferry(tmp_path, clock=clock) as ferry:
        healthy = await ferry.submit("acme/image", prompt="a fox")
        async with acme.ferry(tmp_path / "other", clock=clock) as elsewhere:
            web.post(CREATE).mock(side_effect=httpx.ReadError("gone"))
            lost = await elsewhere.submit("acme/image", prompt="a hare")
            with pytest.raises(UsageError, match="cannot be adopted: no such job"):
                await elsewhere.reconcile(lost.id, adopt="404")
            with pytest.raises(UsageError, match="is not JSON"):
                await elsewhere.reconcile(lost.id, adopt="{404")
            adopted = await elsewhere.reconcile(lost.id, adopt='{"id": "1"}')
        nothing = await ferry.reconcile(healthy.id) if not healthy.elsewhere else None

    assert adopted.outcome == "adopted"
    assert nothing is not None
    assert nothing.outcome == "nothing to do"


@pytest.mark.parametrize("steps", range(0, 40, 3))
async def test_a_wish_to_cancel_never_undoes_that_the_job_was_sent(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter, steps: int
) -> None:
    """At whatever moment of the submit it comes: a task is cancelled before sending, or its job is accounted for."""
    create = web.post(f"{acme.BASE}/jobs").respond(json={"id": "1"})
    web.get(LOOK).respond(json={"state": "working"})
    web.post(f"{LOOK}/stop").respond(json={"outcome": "accepted"})

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox", patience=0)
        for _ in range(steps):
            await asyncio.sleep(0)
        await task.cancel()
        await task.wait(timeout=5)
        history = [step.after for step in ferry.ledger.transitions(task.id)]

    assert (task.snapshot.status is Status.CANCELLED) == (create.call_count == 0)
    if create.call_count:
        assert Status.PREPARED not in history[history.index(Status.SUBMITTING) :]
