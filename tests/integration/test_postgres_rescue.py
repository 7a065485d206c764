"""What becomes of tasks when a worker dies, stands still, or the queue and the ledger differ."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from postgres_queue import SPEED, holders, jobs, made, rows, shared, submitted, until, worker, worker_process
from postgres_server import LEASE, Server, open_in_postgres
from taskferry import Ferry, LedgerTooNew, Status
from taskferry.sandbox import Running, running
from taskferry_postgres import queue_schema, rescue, working

pytestmark = pytest.mark.slow


@pytest.fixture
def provider() -> Iterator[Running]:
    """A stand-in in this process, which counts what it was asked to make."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED, limits=False) as servers:
        yield servers["vap"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker of this process that counts others as dead after a second."""
    monkeypatch.setattr(working, "HEARTBEAT", 0.2)
    monkeypatch.setattr(rescue, "LAP", 0.2)
    monkeypatch.setattr(rescue, "STALLED", 1.0)
    monkeypatch.setattr(rescue, "SWEEP", 0.6)


@pytest.mark.parametrize("lanes", ["0", "4"])
async def test_the_tasks_of_a_killed_worker_are_taken_over_and_none_is_made_twice(
    tmp_path: Path, provider: Running, lanes: str
) -> None:
    """By the other worker, as soon as the lease of the first has ended."""
    environ = shared(tmp_path, provider, TASKFERRY_LEDGER_LANES=lanes)
    async with (
        Ferry(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
        Ferry(home=tmp_path / "second", environ=environ, speed=SPEED) as second,
    ):
        with worker_process(tmp_path / "first", environ) as first:
            tasks = await submitted(one, 30, "[[run:700]]")
            await until(lambda: made(provider) == 30 and None not in holders(one))
            async with worker(second):
                first.kill()
                took = await until(lambda: holders(one) == {second.ledger.holder: 30})
                outcomes = await asyncio.gather(*(task.wait(60) for task in tasks))

    print(f"\n30 tasks taken over {took:.1f} s after the kill, with a lease of {LEASE:.0f} s")
    assert {outcome.snapshot.status for outcome in outcomes} == {Status.SUCCEEDED}
    assert made(provider) == 30


async def test_a_worker_that_stood_still_changes_nothing_that_was_taken_over(
    tmp_path: Path, provider: Running, caplog: pytest.LogCaptureFixture
) -> None:
    """Woken up, it follows what others have, and finds new work."""
    environ = shared(tmp_path, provider)
    async with (
        Ferry(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
        Ferry(home=tmp_path / "second", environ=environ, speed=SPEED) as second,
    ):
        with worker_process(tmp_path / "first", environ) as first:
            tasks = await submitted(one, 10, "[[run:500]]")
            await until(lambda: made(provider) == 10 and None not in holders(one))
            async with worker(second):
                os.kill(first.pid, signal.SIGSTOP)
                await until(lambda: holders(one).keys() <= {second.ledger.holder})  # or over already
                os.kill(first.pid, signal.SIGCONT)
                outcomes = await asyncio.gather(*(task.wait(60) for task in tasks))
                await until(lambda: not jobs(one))
            later = await one.submit("vap/image", prompt="a fox")
            outcomes.append(await later.wait(30))
            first.terminate()
            ended = await asyncio.to_thread(first.stdout.readline)

    assert {outcome.snapshot.status for outcome in outcomes} == {Status.SUCCEEDED}
    assert made(provider) == 11
    assert ended == "has ended\n"
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("lanes", ["0", "4"])
async def test_a_task_that_is_in_no_queue_is_found(tmp_path: Path, provider: Running, lanes: str) -> None:
    """Nobody holds it, and its job is gone: it is put back."""
    environ = shared(tmp_path, provider, TASKFERRY_LEDGER_LANES=lanes)
    async with Ferry(home=tmp_path, environ=environ, speed=SPEED) as ferry:
        tasks = [await ferry.submit("vap/image", prompt=f"a fox {number}") for number in range(3)]
        with ferry.ledger._postgres.writing() as connection:  # type: ignore[attr-defined]  # as an accident would
            connection.execute("DELETE FROM procrastinate_jobs")
        async with worker(ferry):
            outcomes = await asyncio.gather(*(task.wait(30) for task in tasks))

    assert {outcome.snapshot.status for outcome in outcomes} == {Status.SUCCEEDED}
    assert made(provider) == 3


@pytest.mark.parametrize("lanes", ["0", "4"])
async def test_tasks_go_on_when_postgres_was_restarted(
    tmp_path: Path, provider: Running, caplog: pytest.LogCaptureFixture, lanes: str
) -> None:
    """The worker waits for the server and goes on by itself, with what it has and with what comes."""
    with tempfile.TemporaryDirectory(prefix="taskferry-postgres-", ignore_cleanup_errors=True) as folder:
        server = await asyncio.to_thread(Server, Path(folder))
        environ = shared(tmp_path, provider, TASKFERRY_LEDGER=server.url, TASKFERRY_LEDGER_LANES=lanes)
        async with (
            Ferry(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
            Ferry(home=tmp_path / "worker", environ=environ, speed=SPEED) as second,
            worker(second),
        ):
            tasks = await submitted(one, 10, "[[run:300]]")
            await until(lambda: made(provider) == 10)
            await asyncio.to_thread(server.stop)
            await asyncio.sleep(1.5)  # longer than a lease
            await asyncio.to_thread(server.start)
            tasks += await submitted(one, 5, "[[run:10]]")
            outcomes = await asyncio.gather(*(task.wait(60) for task in tasks))
            await until(lambda: not holders(one))
            left = rows(one, "SELECT DISTINCT task_name FROM procrastinate_jobs")
        await asyncio.to_thread(server.stop)

    assert {outcome.snapshot.status for outcome in outcomes} == {Status.SUCCEEDED}
    assert made(provider) == 15
    assert left == ([] if lanes == "0" else [("taskferry.lane",)])
    said = [record.getMessage() for record in caplog.records if record.name == "taskferry" and "queue" in record.msg]
    assert sum("does not answer" in words for words in said) == 1


async def test_a_worker_that_was_forgotten_is_known_again(tmp_path: Path, provider: Running) -> None:
    """Its row may be gone after a long time without a sign of life."""
    async with Ferry(home=tmp_path, environ=shared(tmp_path, provider), speed=SPEED) as ferry, worker(ferry):
        await until(lambda: len(rows(ferry, "SELECT 1 FROM procrastinate_workers")) == 2)
        with ferry.ledger._postgres.writing() as connection:  # type: ignore[attr-defined]  # as another worker would
            connection.execute("DELETE FROM procrastinate_workers")
        task = await ferry.submit("vap/image", prompt="a fox")
        outcome = await task.wait(30)
        await until(lambda: len(rows(ferry, "SELECT 1 FROM procrastinate_workers")) == 2)

    assert outcome.snapshot.status is Status.SUCCEEDED


def test_a_queue_of_a_later_procrastinate_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker is told what to upgrade; whoever only submits goes on."""
    with open_in_postgres(tmp_path) as ledger:
        monkeypatch.setattr(queue_schema, "newest_migration", lambda: "00.05.00_01_drop_started_at_column.sql")

        with pytest.raises(LedgerTooNew, match="later version of Procrastinate"):
            ledger.serve(["acme"])


def test_a_later_procrastinate_brings_the_queue_up_to_date_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its own migrations, in their order, when its first worker begins."""
    later = {"99.00.00_01_a.sql": "CREATE TABLE later (x int)", "99.00.00_02_b.sql": "ALTER TABLE later ADD y int"}
    monkeypatch.setattr(queue_schema, "migrations_since", lambda name: [later[new] for new in later if new > name])
    with open_in_postgres(tmp_path) as ledger, open_in_postgres(tmp_path) as other:
        monkeypatch.setattr(queue_schema, "newest_migration", lambda: max(later))

        ledger.serve(["acme"])
        other.serve(["acme"])
        with ledger._postgres.reading() as connection:
            columns = connection.execute("SELECT * FROM later").description

    assert [column.name for column in columns] == ["x", "y"]
