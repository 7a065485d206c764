"""Tasks that are left to workers: from the one transaction that keeps them to the end, and back when a worker stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from postgres_queue import SPEED, holders, jobs, made, rows, shared, submitted, until, worker
from taskferry import Ferry, Finished, Status
from taskferry.sandbox import Running, running


@pytest.fixture
def provider() -> Iterator[Running]:
    """A stand-in in this process, which counts what it was asked to make."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED, limits=False) as servers:
        yield servers["vap"]


async def test_a_worker_submits_and_ends_what_another_ferry_left(tmp_path: Path, provider: Running) -> None:
    """Whoever submits has the task back at once, and hears of its end; nothing of it stays in the queue."""
    environ = shared(tmp_path, provider)
    async with (
        Ferry(home=tmp_path / "worker", environ=environ, speed=SPEED) as working,
        Ferry(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
        worker(working),
    ):
        tasks = await submitted(one, 5, "a fox")
        first = {task.snapshot.status for task in tasks}
        outcomes = await asyncio.gather(*(task.wait(30) for task in tasks))
        await until(lambda: not jobs(one))

    assert first == {Status.PREPARED}
    assert {type(outcome) for outcome in outcomes} == {Finished}
    assert {outcome.snapshot.status for outcome in outcomes} == {Status.SUCCEEDED}
    assert made(provider) == 5


async def test_without_a_worker_the_ferry_that_submits_drives_its_task(tmp_path: Path, provider: Running) -> None:
    """As with a file; the queue forgets the task as soon as somebody has it."""
    async with Ferry(home=tmp_path, environ=shared(tmp_path, provider), speed=SPEED) as ferry:
        task = await ferry.submit("vap/image", prompt="a fox")
        left = jobs(ferry)
        outcome = await task.wait(30)
        after = jobs(ferry)

    assert left == {"todo": 1}
    assert outcome.snapshot.status is Status.SUCCEEDED
    assert after == {}
    assert made(provider) == 1


async def test_a_worker_without_the_plugin_leaves_its_tasks_alone(tmp_path: Path, provider: Running) -> None:
    """They wait, and that is said, until somebody drives them."""
    environ = shared(tmp_path, provider)
    async with (
        Ferry(home=tmp_path / "worker", environ=environ, speed=SPEED) as working,
        Ferry(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
        worker(working, "another", "and_one_whose_name_is_too_long_for_a_channel"),
    ):
        held = await working.engine.call(one.ledger.backlog)
        task = await one.submit("vap/image", prompt="a fox")
        backlog = await working.engine.call(one.ledger.backlog)
        outcome = await task.wait(30)

    assert held.workers == 1
    assert backlog.waiting == backlog.unserved == {"vap": 1}
    assert outcome.snapshot.status is Status.SUCCEEDED


async def test_a_worker_that_stops_hands_its_tasks_over(tmp_path: Path, provider: Running) -> None:
    """The other one goes on with the jobs that the provider has; nothing is made again."""
    environ = shared(tmp_path, provider)
    async with (
        Ferry(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
        Ferry(home=tmp_path / "second", environ=environ, speed=SPEED) as second,
    ):
        async with Ferry(home=tmp_path / "first", environ=environ, speed=SPEED) as first:
            async with worker(first):
                tasks = await submitted(one, 10, "[[run:300]]")
                await until(lambda: made(provider) == 10 and jobs(one) == {"doing": 10})
            put_back = jobs(one)
            workers = rows(one, "SELECT * FROM procrastinate_workers")
        async with worker(second):
            outcomes = await asyncio.gather(*(task.wait(60) for task in tasks))

    assert put_back == {"todo": 10}
    assert workers == []
    assert {outcome.snapshot.status for outcome in outcomes} == {Status.SUCCEEDED}
    assert made(provider) == 10


async def test_a_worker_takes_no_more_than_its_slots(tmp_path: Path, provider: Running) -> None:
    """What is beyond them waits for it, or for another worker; a job that only waits for its task is a row, no more."""
    environ = shared(tmp_path, provider)
    async with (
        Ferry(home=tmp_path / "worker", environ=environ, speed=SPEED) as working,
        Ferry(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
        worker(working, slots=3),
    ):
        tasks = await submitted(one, 8, "[[run:100]]")
        await until(lambda: jobs(one) == {"doing": 3, "todo": 5})
        backlog = one.ledger.backlog()
        await until(lambda: not [task for task in asyncio.all_tasks() if task.get_name().startswith("process job")])
        waiting = jobs(one)
        outcomes = await asyncio.gather(*(task.wait(60) for task in tasks))

    assert backlog.waiting["vap"] >= 5
    assert waiting == {"doing": 3, "todo": 5}
    assert backlog.unserved == {}
    assert {outcome.snapshot.status for outcome in outcomes} == {Status.SUCCEEDED}


async def test_a_parked_task_is_left_to_a_worker_when_it_is_resumed(tmp_path: Path, provider: Running) -> None:
    """It is in the queue once, however often that is asked for."""
    environ = shared(tmp_path, provider)
    async with Ferry(home=tmp_path / "one", environ=environ, speed=SPEED) as one:
        task = await one.submit("vap/image", prompt="[[run:300]] a fox")
        await until(lambda: made(provider) == 1)
        await one.engine.books.park((await one.engine.claimed(task.record)), "for a test")
        await one.engine.write(one.ledger.release, task.id)
        async with Ferry(home=tmp_path / "worker", environ=environ, speed=SPEED) as working:
            await working.engine.call(working.ledger.serve, ("vap",))
            await until(lambda: one.ledger.leave(task.id))  # it knows for a second who serves what
            again = await one.engine.write(one.ledger.leave, task.id)
            queued = jobs(one)
            async with worker(working):
                outcome = await (await one.resume(task.id)).wait(30)

    assert again
    assert queued == {"todo": 1}
    assert outcome.snapshot.status is Status.SUCCEEDED
    assert made(provider) == 1


async def test_what_procrastinate_says_of_each_job_is_not_in_the_logs(
    tmp_path: Path, provider: Running, caplog: pytest.LogCaptureFixture
) -> None:
    """A worker tells of tasks in our words alone."""
    caplog.set_level(logging.INFO)
    environ = shared(tmp_path, provider)
    async with Ferry(home=tmp_path, environ=environ, speed=SPEED) as ferry, worker(ferry):
        await (await ferry.submit("vap/image", prompt="a fox")).wait(30)
        await until(lambda: not jobs(ferry) and not holders(ferry))

    names = {record.name.partition(".")[0] for record in caplog.records}
    assert "taskferry" in names
    assert "procrastinate" not in names
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
