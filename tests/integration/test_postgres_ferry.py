"""The way of a job through ferries that share a ledger in PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

import acme
from ledger_cases import cases
from postgres_server import LEASE, Server, environment, open_in_postgres, registry
from taskferry import CancelOutcome, Ferry, FerryTask, Finished, Status
from taskferry.sandbox import Running, running


class Patient(Ferry):
    """A ferry without workers that comes back from a submit when the job was sent, as one with a file does."""

    async def submit(self, *asked: Any, **more: Any) -> FerryTask:
        task = await super().submit(*asked, **more)
        for _ in range(100):
            snapshot = task.snapshot
            if snapshot.status not in (Status.PREPARED, Status.SUBMITTING) or snapshot.next_try_at or snapshot.parked:
                break
            await self.engine.clock.wait(asyncio.Event(), 0.05)
        return task


def patient(home: Path, *, environ: Mapping[str, str] | None = None, **settings: Any) -> Ferry:
    """Give a ferry for Acme whose ledger is in PostgreSQL."""
    told = {"ACME_KEY": "sesame", **environment(home), **(environ or {})}
    return Patient(home=home, registry=registry(), environ=told, **settings)


globals().update(
    cases(
        "integration/test_ferry_path.py",
        open_in_postgres,
        without=["test_the_history_has_every_step"],  # here it also says which machine has the files
        acme=SimpleNamespace(**{**vars(acme), "ferry": patient}),
    )
)

CHILD = Path(__file__).with_name("postgres_ferry.py")
SPEED = 100.0


@pytest.fixture
def provider() -> Iterator[Running]:
    """A stand-in in this process, which counts what it was asked to make."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED, limits=False) as servers:
        yield servers["vap"]


def shared(home: Path, provider: Running) -> dict[str, str]:
    return {**provider.env, **environment(home)}


def made(provider: Running) -> int:
    """Give how many jobs the provider was asked to make."""
    return len(httpx.get(f"{provider.base_url}/_sandbox/tasks").json()["tasks"])


async def test_the_history_says_which_machine_has_the_files(tmp_path: Path, provider: Running) -> None:
    """Beside every step."""
    async with Ferry(home=tmp_path, environ=shared(tmp_path, provider), speed=SPEED) as ferry:
        task = await ferry.submit("vap/image", prompt="a fox")
        await task.wait(30)
        steps = [(step.after.value, step.note) for step in ferry.ledger.transitions(task.id)]

    assert [status for status, _ in steps[:3]] == ["prepared", "submitting", "queued"]
    assert steps[-2:] == [("succeeded", None), ("succeeded", f"kept on {platform.node()}")]


async def test_a_wait_in_one_ferry_sees_within_a_second_what_another_found(tmp_path: Path, provider: Running) -> None:
    """The second follows the first, which alone looks at the provider."""
    environ = shared(tmp_path, provider)
    async with (
        Patient(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
        Ferry(home=tmp_path / "two", environ=environ, speed=SPEED) as two,
    ):
        task = await one.submit("vap/image", prompt="[[run:100]] a fox")
        same = await two.resume(task.id)
        elsewhere = same.elsewhere

        found, followed = await asyncio.gather(timed(task.wait(30)), timed(same.wait(30)))

    assert elsewhere
    assert isinstance(found[0], Finished)
    assert isinstance(followed[0], Finished)
    assert followed[0].snapshot.status is Status.SUCCEEDED
    assert followed[1] - found[1] < 1.0
    assert made(provider) == 1


async def test_a_wait_is_woken_by_what_another_process_writes(
    tmp_path: Path, provider: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is not read again and again in between."""
    monkeypatch.setattr("taskferry.poller.turns.FOLLOW_EVERY", 60.0)
    environ = shared(tmp_path, provider)
    async with (
        Patient(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
        Ferry(home=tmp_path / "two", environ=environ, speed=SPEED) as two,
    ):
        task = await one.submit("vap/image", prompt="[[run:300]] a fox")
        same = await two.resume(task.id)

        found, followed = await asyncio.gather(timed(task.wait(30)), timed(same.wait(30)))

    assert same.elsewhere
    assert isinstance(followed[0], Finished)
    assert followed[1] - found[1] < 1.0


async def timed(waiting):
    outcome = await waiting
    return outcome, time.monotonic()


async def test_the_tasks_of_a_killed_process_are_taken_over_and_none_is_made_twice(
    tmp_path: Path, provider: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As soon as its lease has ended, by whoever follows."""
    environ = shared(tmp_path, provider)
    child = subprocess.Popen(
        [sys.executable, str(CHILD), str(tmp_path / "one"), "20"],
        env={**environ, "OPERATION": "vap/image", "PATH": ""},
        stdout=subprocess.PIPE,
        text=True,
    )
    ids = json.loads(await asyncio.to_thread(child.stdout.readline))
    async with Ferry(home=tmp_path / "two", environ=environ, speed=SPEED) as ferry:
        tasks = [await ferry.resume(task_id) for task_id in ids]
        followed = [task.elsewhere for task in tasks]

        child.kill()
        await asyncio.to_thread(child.wait)
        began = time.monotonic()
        while any(task.elsewhere for task in tasks):
            assert time.monotonic() - began < 20
            await asyncio.sleep(0.05)
        took = time.monotonic() - began
        outcomes = await asyncio.gather(*(task.wait(60) for task in tasks))
    child.stdout.close()

    print(f"\n20 tasks taken over {took:.1f} s after the kill, with a lease of {LEASE:.0f} s")
    assert all(followed)
    assert took < LEASE + 3
    assert {outcome.snapshot.status for outcome in outcomes} == {Status.SUCCEEDED}
    assert made(provider) == 20


async def test_the_same_thing_asked_of_two_ferries_at_once_is_made_once(tmp_path: Path, provider: Running) -> None:
    """The duplicate guard is in the ledger, which both of them have."""
    environ = shared(tmp_path, provider)
    async with (
        Patient(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
        Ferry(home=tmp_path / "two", environ=environ, speed=SPEED) as two,
    ):
        tasks = await asyncio.gather(
            *(ferry.submit("vap/image", prompt="the same fox") for ferry in (one, two) for _ in range(3))
        )
        await asyncio.gather(*(task.wait(30) for task in tasks))

    assert len({task.id for task in tasks}) == 1
    assert made(provider) == 1


async def test_a_cancel_in_one_ferry_of_what_another_holds_is_no_crash(tmp_path: Path, provider: Running) -> None:
    """It is said what came of it, and the task ends in one way for both."""
    environ = shared(tmp_path, provider)
    async with (
        Patient(home=tmp_path / "one", environ=environ, speed=SPEED) as one,
        Ferry(home=tmp_path / "two", environ=environ, speed=SPEED) as two,
    ):
        task = await one.submit("vap/image", prompt="a fox")
        outcome = await (await two.resume(task.id)).cancel()
        ended = await task.wait(30)
        listed = await two.recent()

    assert isinstance(outcome, CancelOutcome)
    assert isinstance(ended, Finished)
    assert [record.snapshot.status for record in listed] == [ended.snapshot.status]


async def test_tasks_go_on_when_postgres_was_restarted(tmp_path: Path, provider: Running) -> None:
    """By themselves, each of them made once."""
    with tempfile.TemporaryDirectory(prefix="taskferry-postgres-", ignore_cleanup_errors=True) as folder:
        server = await asyncio.to_thread(Server, Path(folder))
        environ = {**provider.env, "TASKFERRY_LEDGER": server.url, "TASKFERRY_LEDGER_LEASE": str(LEASE)}
        async with Ferry(home=tmp_path, environ=environ, speed=SPEED) as ferry:
            tasks = [await ferry.submit("vap/image", prompt=f"[[run:200]] a fox {number}") for number in range(10)]

            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
            outcomes = await asyncio.gather(*(task.wait(60) for task in tasks))
            listed = await ferry.recent()
        await asyncio.to_thread(server.stop)

    assert {type(outcome) for outcome in outcomes} == {Finished}
    assert {record.snapshot.status for record in listed} == {Status.SUCCEEDED}
    assert made(provider) == 10
