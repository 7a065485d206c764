"""A worker and those who submit to it, each with a home of its own, over a ledger whose queue is in memory."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

import taskferry.testing  # noqa: F401 -- registers the mocker
from acme import BASE, PNG
from acme import ferry as ferry_alone
from shared_work import board, ferry, settings
from taskferry import ArtifactError, CancelOutcome, Finished, Status, UsageError
from taskferry.clock import SystemClock
from taskferry.worker import Report, WorkerOptions, run_worker

FILE = "https://files.acme.example/fox.png"


@pytest.fixture
def acme() -> Any:
    """A provider that takes every job and has done it at the first look."""
    with respx.mock(using="taskferry", assert_all_called=False) as mock:
        mock.post(f"{BASE}/jobs").mock(side_effect=lambda _: httpx.Response(200, json={"id": f"j-{len(mock.calls)}"}))
        mock.get(url__regex=f"{BASE}/jobs/.*").respond(json={"state": "done", "images": [FILE]})
        mock.get(FILE).respond(content=PNG, headers={"content-type": "image/png"})
        yield mock


@asynccontextmanager
async def worker(folder: Path, home: str = "worker", **more: Any) -> AsyncIterator[asyncio.Task[Report]]:
    """Have a worker while the block lasts, then stop it by a signal as its operator would."""
    options = WorkerOptions(**{name: more.pop(name) for name in ("slots", "health", "drain") if name in more})
    working = asyncio.create_task(run_worker(options, **{**settings(folder, home), **more}))
    while not board(folder).workers:
        if working.done():
            await working
        await asyncio.sleep(0.01)
    try:
        yield working
    finally:
        if not working.done():
            os.kill(os.getpid(), signal.SIGTERM)
            await working


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def test_who_submits_comes_back_at_once_and_a_worker_does_it(tmp_path: Path, acme: Any) -> None:
    """The submitter follows and asks the provider nothing."""
    async with worker(tmp_path) as working, ferry(tmp_path, "desk") as desk:
        task = await desk.submit("acme/image", prompt="a fox")
        submitted = task.snapshot.status
        outcome = await task.wait(20)
        holder = desk.ledger.get(task.id).holder
    report = await working

    assert submitted is Status.PREPARED
    assert isinstance(outcome, Finished)
    assert outcome.snapshot.status is Status.SUCCEEDED
    assert outcome.snapshot.artifacts[0].path.is_relative_to(tmp_path / "worker")
    assert holder is None
    assert (report.ended, report.providers, report.handed_over) == ({"succeeded": 1}, ["acme", "many"], 0)


async def test_files_come_to_the_folder_on_the_machine_that_asked(tmp_path: Path, acme: Any) -> None:
    """The row names no folder, since the worker could write there."""
    async with worker(tmp_path), ferry(tmp_path, "desk") as desk:
        task = await desk.submit("acme/image", prompt="a fox", folder=tmp_path / "out")
        await task.wait(20)
        (brought,) = task.snapshot.artifacts
        row = desk.ledger.get(task.id)

    assert brought.path == tmp_path / "out" / f"a-fox-{task.id[:12]}" / "image.png"
    assert brought.path.read_bytes() == PNG
    assert row.job.folder is None
    assert row.snapshot.artifacts[0].path.is_relative_to(tmp_path / "worker")


async def test_a_file_that_is_on_another_machine_is_fetched_again(tmp_path: Path, acme: Any) -> None:
    """Wherever it is wanted; the row goes on naming the one that was kept."""
    async with worker(tmp_path), ferry(tmp_path, "desk") as desk:
        task = await desk.submit("acme/image", prompt="a fox")
        kept = (await task.wait(20)).snapshot.artifacts[0].path
        kept.rename(kept.with_suffix(".away"))

        (saved,) = await task.save(tmp_path / "out")
        (here,) = await task.save()

    assert (saved.path.read_bytes(), here.path.read_bytes()) == (PNG, PNG)
    assert here.path.is_relative_to(tmp_path / "desk")
    assert task.snapshot.artifacts[0].path == kept


async def test_where_a_file_cannot_be_fetched_again_it_is_said_who_has_it(tmp_path: Path, acme: Any) -> None:
    """With its path there, so that somebody can copy it."""
    async with worker(tmp_path), ferry(tmp_path, "desk") as desk:
        task = await desk.submit("acme/image", prompt="a fox")
        kept = (await task.wait(20)).snapshot.artifacts[0].path
        kept.rename(kept.with_suffix(".away"))
        acme.get(FILE).respond(404)

        with pytest.raises(ArtifactError) as told:
            await task.save(tmp_path / "out")

    assert f"{os.uname().nodename} kept it as {kept}" in str(told.value)
    assert "is not on this machine" in str(told.value)


async def test_files_that_cannot_be_brought_are_told_as_not_kept(tmp_path: Path, acme: Any) -> None:
    """A script that asked for a folder must not take them for there."""
    async with worker(tmp_path), ferry(tmp_path, "desk") as desk:
        task = await desk.submit("acme/image", prompt="a fox", folder=tmp_path / "out")
        await until(lambda: desk.ledger.get(task.id).snapshot.status.ok and desk.ledger.get(task.id).snapshot.kept)
        kept = desk.ledger.get(task.id).snapshot.artifacts[0].path
        kept.rename(kept.with_suffix(".away"))
        acme.get(FILE).respond(404)

        outcome = await task.wait(20)

    assert isinstance(outcome, Finished)
    assert not outcome.snapshot.kept
    assert "is not on this machine" in (task.problem or "")


async def test_a_worker_leaves_alone_what_it_has_no_key_for(
    tmp_path: Path, acme: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so, and serves what it can."""
    keyless = {**settings(tmp_path, "worker")["environ"], "ACME_KEY": ""}

    with pytest.raises(UsageError, match=r"no provider that this worker could serve.*ACME_KEY"):
        await run_worker(WorkerOptions(), **{**settings(tmp_path, "worker"), "environ": keyless})

    assert "tasks of acme are left to other workers" in caplog.text


async def test_a_ledger_that_is_not_shared_needs_no_worker(tmp_path: Path) -> None:
    """It is said what a worker is for."""
    alone = {**settings(tmp_path, "worker"), "environ": {"ACME_KEY": "sesame"}}

    with pytest.raises(UsageError, match="TASKFERRY_LEDGER=postgresql://"):
        await run_worker(WorkerOptions(), **alone)


async def test_a_signal_hands_over_and_cancels_nothing(tmp_path: Path, acme: Any) -> None:
    """What was in hand waits in the queue for the next worker, who finishes it."""
    acme.get(url__regex=f"{BASE}/jobs/.*").respond(json={"state": "working"})
    async with ferry(tmp_path, "desk") as desk:
        async with worker(tmp_path) as first:
            task = await desk.submit("acme/image", prompt="a fox")
            await until(lambda: desk.ledger.get(task.id).snapshot.status.watched)
        report = await first
        left = dict(board(tmp_path).waiting)
        acme.get(url__regex=f"{BASE}/jobs/.*").respond(json={"state": "done", "images": [FILE]})
        async with worker(tmp_path, "second"):
            outcome = await task.wait(20)

    creates = [call for call in acme.calls if call.request.method == "POST"]
    assert (report.handed_over, report.ended, left) == (1, {}, {task.id: "acme"})
    assert outcome.snapshot.status is Status.SUCCEEDED
    assert [call.request.url.path for call in creates] == ["/jobs"]


async def test_without_any_worker_who_waits_does_it(tmp_path: Path, acme: Any) -> None:
    """As with a ledger that is not shared."""
    async with ferry(tmp_path, "desk") as desk:
        task = await desk.submit("acme/image", prompt="a fox", folder=tmp_path / "out")
        outcome = await task.wait(20)

    assert outcome.snapshot.status is Status.SUCCEEDED
    assert outcome.snapshot.artifacts[0].path.is_relative_to(tmp_path / "out")


@pytest.mark.parametrize("off", [600.0, -600.0])
async def test_a_machine_whose_clock_is_minutes_off_goes_by_the_servers(tmp_path: Path, acme: Any, off: float) -> None:
    """So its tasks are dated as everybody's are, and the same asked elsewhere is the same task."""
    wrong, right = WrongClock(off), WrongClock(0.0)
    async with ferry(tmp_path, "one", clock=wrong) as one, ferry(tmp_path, "two", clock=right) as two:
        task = await one.submit("acme/image", prompt="a fox")
        same = await two.submit("acme/image", prompt="a fox")
        await task.wait(20)
        looked_at = one.ledger.get(task.id).snapshot.looked_at

    assert abs(task.snapshot.created_at - right.now()) < 5
    assert abs(looked_at - right.now()) < 5
    assert same.id == task.id


class WrongClock(SystemClock):
    """A clock that is off by so many seconds."""

    def __init__(self, off: float) -> None:
        self.off = off

    def now(self) -> float:
        return super().now() + self.off


async def test_what_a_worker_has_not_sent_yet_can_be_cancelled_from_elsewhere(tmp_path: Path, acme: Any) -> None:
    """The wish is in the row before the billed call may leave, so it never does."""
    acme.post(f"{BASE}/jobs").respond(429, headers={"retry-after": "2"})
    async with worker(tmp_path), ferry(tmp_path, "desk") as desk:
        task = await desk.submit("acme/image", prompt="a fox")
        await until(lambda: desk.ledger.get(task.id).snapshot.next_try_at is not None)
        sent = len(acme.calls)

        outcome = await task.cancel()
        ended = await task.wait(20)

    assert outcome is CancelOutcome.ACCEPTED
    assert ended.snapshot.status is Status.CANCELLED
    assert len(acme.calls) == sent


async def test_what_a_worker_has_sent_is_cancelled_at_the_provider(tmp_path: Path, acme: Any) -> None:
    """By whoever asks; the worker sees the end."""
    acme.get(url__regex=f"{BASE}/jobs/.*").respond(json={"state": "working"})
    stop = acme.post(url__regex=f"{BASE}/jobs/.*/stop").respond(json={"outcome": "accepted"})
    async with worker(tmp_path), ferry(tmp_path, "desk") as desk:
        task = await desk.submit("acme/image", prompt="a fox")
        await until(lambda: desk.ledger.get(task.id).snapshot.status is Status.RUNNING)

        outcome = await task.cancel()
        acme.get(url__regex=f"{BASE}/jobs/.*").respond(json={"state": "stopped"})
        ended = await task.wait(20)

    assert (outcome, stop.call_count) == (CancelOutcome.ACCEPTED, 1)
    assert ended.snapshot.status is Status.CANCELLED


async def test_health_and_metrics_are_told_while_it_works(tmp_path: Path, acme: Any) -> None:
    """To whoever asks; when the ledger does not answer for long, health is 503."""
    acme.route(host="127.0.0.1").pass_through()
    caught: list[str] = []
    handler = Caught(caught)
    logging.getLogger("taskferry").addHandler(handler)
    logging.getLogger("taskferry").setLevel(logging.INFO)
    try:
        async with (
            worker(tmp_path, health=("127.0.0.1", 0), slots=7),
            ferry(tmp_path, "desk") as desk,
            httpx.AsyncClient() as client,
        ):
            await (await desk.submit("acme/image", prompt="a fox")).wait(20)
            await until(lambda: bool(caught))
            health = await client.get(f"{caught[0]}/health")
            metrics = await client.get(f"{caught[0]}/metrics")
    finally:
        logging.getLogger("taskferry").removeHandler(handler)

    told = health.json()
    assert (health.status_code, told["status"], told["slots"]) == (200, "ok", 7)
    assert told["providers"] == ["acme", "many"]
    assert told["ledger"]["reachable"]
    assert 'taskferry_task_steps_total{operation="acme/image",provider="acme",status="succeeded"} 1.0' in metrics.text


class Caught(logging.Handler):
    """Keeps the address that health is told at."""

    def __init__(self, caught: list[str]) -> None:
        super().__init__()
        self._caught = caught

    def emit(self, record: logging.LogRecord) -> None:
        if "url" in getattr(record, "fields", {}):
            self._caught.append(record.fields["url"])


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_look_that_another_clock_dated_ahead_does_not_keep_one_from_looking(
    tmp_path: Path, respx_mock: Any
) -> None:
    """A home may be moved to a machine whose clock is right."""
    respx_mock.post(f"{BASE}/jobs").respond(json={"id": "j-1"})
    look = respx_mock.get(f"{BASE}/jobs/j-1").respond(json={"state": "working"})
    async with ferry_alone(tmp_path, clock=WrongClock(600.0), speed=100.0) as ahead:
        task = await ahead.submit("acme/image", prompt="a fox")
        await until(lambda: task.snapshot.looked_at is not None)
    before = look.call_count

    async with ferry_alone(tmp_path) as right:
        await (await right.task(task.id)).refresh()

    assert look.call_count == before + 1
