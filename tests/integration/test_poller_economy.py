"""What watching costs: nothing is written, told or asked twice when nothing changed, and trouble is waited out."""

from __future__ import annotations

import asyncio
import gc
import logging
from pathlib import Path

import httpx
import pytest
import respx

import acme
from taskferry import Change, Finished, Status, StillRunning, hookimpl
from taskferry.ledger import open_ledger
from taskferry.testing import VirtualClock

DONE = {"state": "done", "images": [acme.PIXEL.url]}
WORKING = {"state": "working", "percent": 20}


@pytest.fixture
async def clock():
    async with VirtualClock(idle=0.02) as made:
        yield made


@pytest.fixture
def web():
    with respx.mock(using="taskferry", assert_all_called=False) as mock:
        numbers = iter(range(1000))
        mock.post(f"{acme.BASE}/jobs").mock(
            side_effect=lambda request: httpx.Response(200, json={"id": str(next(numbers))})
        )
        yield mock


def looks_at(web: respx.MockRouter) -> respx.Route:
    return web.get(url__startswith=f"{acme.BASE}/jobs/")


class Listener:
    """Hears of every change."""

    def __init__(self) -> None:
        self.heard: list[Change] = []

    @hookimpl
    def taskferry_task_changed(self, change: Change) -> None:
        self.heard.append(change)


async def test_looks_that_show_nothing_new_write_nothing_and_tell_nobody(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """The row's version counts the writes; observers and listeners hear of changes only."""
    answers = iter([*[WORKING] * 12, DONE])
    route = looks_at(web).mock(side_effect=lambda request: httpx.Response(200, json=next(answers, DONE)))
    registry, listener = acme.registry(), Listener()
    registry.manager.register(listener)

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        ferry.registry.manager.register(listener)
        ferry.engine.books.__init__(ferry.ledger, ferry.engine.books.thread, ferry.registry, clock)
        task = await ferry.submit("acme/image", prompt="a fox")
        versions = [task.record.version]
        async for snapshot in task.updates():
            versions.append(task.record.version)
            last = snapshot

    assert last.status is Status.SUCCEEDED
    assert route.call_count == 13
    statuses = [change.after.status.value for change in listener.heard]
    assert statuses.count("running") == 1
    assert versions[-1] - versions[0] <= 4


async def test_many_who_wait_for_one_task_cost_one_look_at_a_time(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """Thirty waits, as many looks as one wait has."""
    answers = iter([*[WORKING] * 6, DONE])
    route = looks_at(web).mock(side_effect=lambda request: httpx.Response(200, json=next(answers, DONE)))

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        others = [await ferry.resume(task.id) for _ in range(29)]
        outcomes = await asyncio.gather(*(one.wait() for one in [task, *others]))

    assert all(isinstance(outcome, Finished) for outcome in outcomes)
    assert route.call_count == 7


async def test_a_task_that_nobody_holds_goes_on_and_its_row_rests_in_the_ledger(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """Only the little that the schedule needs stays in memory."""
    ended = asyncio.Event()
    answers = iter([*[WORKING] * 5])
    looks_at(web).mock(side_effect=lambda request: httpx.Response(200, json=next(answers, DONE)))

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task_id = (await ferry.submit("acme/image", prompt="a fox")).id
        flight = ferry.engine.poller.flight(task_id)
        while flight.looks < 3:
            await clock.wait(ended, 1.0)
        gc.collect()
        opened = ferry.engine.poller._open.get(task_id)
        outcome = await (await ferry.resume(task_id)).wait()

    assert opened is None
    assert isinstance(outcome, Finished)
    assert outcome.snapshot.kept


async def test_a_provider_that_answers_too_many_for_an_hour_is_waited_for(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    """Few looks, few words, the row says what it waits for, and the task ends well afterwards."""
    began = clock.monotonic()

    def answer(request: httpx.Request) -> httpx.Response:
        if clock.monotonic() - began < 3600:
            return httpx.Response(429, json={"message": "slow down"}, headers={"retry-after": "1"})
        return httpx.Response(200, json=DONE)

    route = looks_at(web).mock(side_effect=answer)

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        assert isinstance(await task.wait(timeout=1800), StillRunning)
        with open_ledger(tmp_path, readonly=True) as elsewhere:
            told = elsewhere.get(task.id).snapshot
        outcome = await task.wait()

    assert told.status is Status.QUEUED
    assert "slow down" in (told.look_problem or "")
    assert isinstance(outcome, Finished)
    assert outcome.snapshot.look_problem is None
    assert route.call_count < 120
    assert len([line for line in caplog.records if "slow down" in line.getMessage()]) <= 3


async def test_while_a_host_is_down_its_tasks_wait_together(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """One look at a time finds out; nothing is lost, and everything ends when the host is back."""
    began, tasks_at_once = clock.monotonic(), 30

    def answer(request: httpx.Request) -> httpx.Response:
        if clock.monotonic() - began < 1800:
            raise httpx.ConnectError("no route")
        return httpx.Response(200, json=DONE)

    route = looks_at(web).mock(side_effect=answer)

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        tasks = await asyncio.gather(*(ferry.submit("acme/image", prompt=f"fox {n}") for n in range(tasks_at_once)))
        await asyncio.gather(*(task.wait(timeout=900) for task in tasks))
        problems = [task.look_problem for task in tasks]
        outcomes = await asyncio.gather(*(task.wait() for task in tasks))

    assert all(problem and "no route" in problem for problem in problems)
    assert all(isinstance(outcome, Finished) for outcome in outcomes)
    assert route.call_count < 30 + 24 + 60 + 2 * tasks_at_once


async def test_a_run_whose_progress_stands_still_is_parked(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """The status stays; resuming gives it all its time again."""
    looks_at(web).respond(json=WORKING)

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        outcome = await task.wait()

    assert isinstance(outcome, StillRunning)
    assert outcome.snapshot.status is Status.RUNNING
    assert outcome.snapshot.parked == "Nothing about it has changed for 15 min."


@pytest.mark.parametrize("hint", ["-5", "never", "31536000", "1e400", ""])
async def test_a_hint_that_makes_no_sense_neither_floods_nor_starves(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter, hint: str
) -> None:
    """A Retry-After of a year, below zero, or no number: the job is looked at all the same, within minutes."""
    answers = iter([WORKING, WORKING])
    looks_at(web).mock(
        side_effect=lambda request: httpx.Response(200, json=next(answers, DONE), headers={"retry-after": hint})
    )

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        outcome = await task.wait()

    assert isinstance(outcome, Finished)
    assert clock.monotonic() < 1200


async def test_a_row_says_at_once_what_a_long_pause_waits_for(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """A "too many" with a long Retry-After is news now, and not after the second look, five minutes later."""
    answers = iter([httpx.Response(429, json={}, headers={"retry-after": "31536000"})])
    looks_at(web).mock(side_effect=lambda request: next(answers, httpx.Response(200, json=DONE)))

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        await task.wait(timeout=60)
        with open_ledger(tmp_path, readonly=True) as ledger:
            told = ledger.get(task.id).snapshot.look_problem
        outcome = await task.wait()

    assert "429" in (told or "")
    assert (outcome.snapshot.status, outcome.snapshot.look_problem) == (Status.SUCCEEDED, None)


async def test_a_progress_that_jumps_to_the_end_and_stays_is_not_believed(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    """Looks neither flood nor stop; the job is over when the provider says so."""
    began = clock.monotonic()

    def answer(request: httpx.Request) -> httpx.Response:
        over = clock.monotonic() - began > 300
        return httpx.Response(200, json=DONE if over else {"state": "working", "percent": 100})

    route = looks_at(web).mock(side_effect=answer)

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        outcome = await task.wait()

    assert isinstance(outcome, Finished)
    assert 5 < route.call_count < 200
    assert [line for line in caplog.records if line.levelno >= logging.WARNING] == []


async def test_a_deadline_parks_nothing_that_has_ended(
    tmp_path: Path, clock: VirtualClock, web: respx.MockRouter
) -> None:
    """A process that stood still for hours looks once more before it gives a task up."""
    over = False
    looks_at(web).mock(side_effect=lambda request: httpx.Response(200, json=DONE if over else WORKING))

    async with acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        await task.wait(timeout=60)
        over = True
        clock.advance(5 * 3600)
        outcome = await task.wait()

    assert isinstance(outcome, Finished)
    assert outcome.snapshot.kept
