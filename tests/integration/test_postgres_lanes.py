"""Lanes: one endless job for many tasks, shared evenly among workers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from postgres_queue import SPEED, holders, jobs, made, rows, shared, submitted, until, worker
from postgres_server import environment
from taskferry import Ferry, LedgerError, Status
from taskferry.ledger.choosing import open_ledger_for
from taskferry.sandbox import Running, running

pytestmark = pytest.mark.slow

LANES = 4


@pytest.fixture
def provider() -> Iterator[Running]:
    """A stand-in in this process, which counts what it was asked to make."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED, limits=False) as servers:
        yield servers["vap"]


def in_lanes(home: Path, provider: Running) -> dict[str, str]:
    return shared(home, provider, TASKFERRY_LEDGER_LANES=str(LANES))


def by_worker(ferry: Ferry) -> list[int]:
    """Give how many lanes each worker runs."""
    query = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' GROUP BY worker_id ORDER BY 1"
    return [row[0] for row in rows(ferry, query)]


async def test_many_tasks_are_driven_by_a_few_jobs(tmp_path: Path, provider: Running) -> None:
    """There is one job for each lane, and none for a task."""
    async with (
        Ferry(home=tmp_path / "worker", environ=in_lanes(tmp_path, provider), speed=SPEED) as working,
        Ferry(home=tmp_path / "one", environ=in_lanes(tmp_path, provider), speed=SPEED) as one,
    ):
        tasks = await submitted(one, 40, "a fox")
        before = jobs(one)
        async with worker(working):
            outcomes = await asyncio.gather(*(task.wait(60) for task in tasks))
            tasks.append(await one.submit("vap/image", prompt="another fox"))
            outcomes.append(await tasks[-1].wait(30))
            during = jobs(one)
        after = jobs(one)

    assert before == {"todo": LANES}
    assert {outcome.snapshot.status for outcome in outcomes} == {Status.SUCCEEDED}
    assert during == {"doing": LANES}
    assert after == {"todo": LANES}
    assert made(provider) == 41


async def test_lanes_are_shared_evenly_and_none_is_lost(tmp_path: Path, provider: Running) -> None:
    """A second worker gets half of them; what the first has in hand stays there until it ends."""
    environ = in_lanes(tmp_path, provider)
    async with (
        Ferry(home=tmp_path / "first", environ=environ, speed=SPEED) as first,
        Ferry(home=tmp_path / "second", environ=environ, speed=SPEED) as second,
        Ferry(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
        worker(first),
    ):
        names = first.ledger.holder, second.ledger.holder
        tasks = await submitted(one, 20, "[[run:500]]")
        await until(lambda: holders(one) == {names[0]: 20} and by_worker(one) == [LANES])
        async with worker(second):
            await until(lambda: by_worker(one) == [LANES // 2] * 2)
            kept = holders(one)
            tasks += await submitted(one, 30, "[[run:200]] more")
            await until(lambda: made(provider) == 50)
            both = holders(one)
            outcomes = await asyncio.gather(*(task.wait(60) for task in tasks))
        await until(lambda: by_worker(one) == [LANES])

    assert kept == {names[0]: 20}
    assert both.keys() == set(names)
    assert {outcome.snapshot.status for outcome in outcomes} == {Status.SUCCEEDED}
    assert made(provider) == 50


async def test_a_worker_claims_no_more_than_its_slots(tmp_path: Path, provider: Running) -> None:
    """The rest waits in the ledger, held by nobody."""
    environ = in_lanes(tmp_path, provider)
    async with (
        Ferry(home=tmp_path / "worker", environ=environ, speed=SPEED) as working,
        Ferry(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
        worker(working, slots=5),
    ):
        tasks = await submitted(one, 20, "[[run:100]]")
        await until(lambda: holders(one).get(working.ledger.holder) == 5)
        waiting = holders(one)
        outcomes = await asyncio.gather(*(task.wait(60) for task in tasks))

    assert waiting[None] == 15
    assert {outcome.snapshot.status for outcome in outcomes} == {Status.SUCCEEDED}


async def test_a_worker_that_stops_gives_its_lanes_and_tasks_back(tmp_path: Path, provider: Running) -> None:
    """The next one goes on with the jobs that the provider has."""
    environ = in_lanes(tmp_path, provider)
    async with (
        Ferry(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
        Ferry(home=tmp_path / "second", environ=environ, speed=SPEED) as second,
    ):
        async with Ferry(home=tmp_path / "first", environ=environ, speed=SPEED) as first, worker(first):
            tasks = await submitted(one, 10, "[[run:300]]")
            await until(lambda: made(provider) == 10)
        async with worker(second):
            outcomes = await asyncio.gather(*(task.wait(60) for task in tasks))

    assert {outcome.snapshot.status for outcome in outcomes} == {Status.SUCCEEDED}
    assert made(provider) == 10


@pytest.mark.parametrize("said", ["-1", "1025", "many", "1.5", "٣"])
def test_a_number_of_lanes_that_cannot_be_is_told(tmp_path: Path, said: str) -> None:
    """With the variable, what it is, and what it may be."""
    with pytest.raises(LedgerError, match=r"TASKFERRY_LEDGER_LANES is .*1024 at most"):
        open_ledger_for(tmp_path, {**environment(tmp_path), "TASKFERRY_LEDGER_LANES": said})
