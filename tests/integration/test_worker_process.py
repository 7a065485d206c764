"""`taskferry worker` as its operator has it: processes that share a ledger in a real PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger_records import a_record
from postgres_server import environment, open_in_postgres
from taskferry import Ferry, Finished, Status
from taskferry.cli.start import main
from taskferry.sandbox import Running, running

SCRIPT = Path(__file__).with_name("worker_process.py")
SPEED = 100.0


@pytest.fixture
def provider() -> Iterator[Running]:
    """A stand-in in this process, which counts what it was asked to make."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED, limits=False) as servers:
        yield servers["vap"]


@pytest.fixture
def environ(tmp_path: Path, provider: Running) -> Mapping[str, str]:
    """What every machine that shares the ledger has."""
    return {**provider.env, **environment(tmp_path), "SPEED": str(SPEED), "PATH": ""}


class Worker:
    """One process, and what it says."""

    def __init__(self, home: Path, environ: Mapping[str, str], *options: str) -> None:
        command = [sys.executable, str(SCRIPT), "worker", "--log", "json", "--health", "127.0.0.1:0", *options]
        self.process = subprocess.Popen(
            command,
            env={**environ, "TASKFERRY_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        self.url = self.told("health is told")["url"]
        self.told("worker ready")

    def _read(self) -> None:
        self.lines.extend(self.process.stderr)

    def told(self, message: str) -> dict[str, Any]:
        """Wait for a line with this message."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for line in list(self.lines):
                if (said := json.loads(line))["message"].startswith(message):
                    return said
            assert self.process.poll() is None, "".join(self.lines)
            time.sleep(0.02)
        raise AssertionError(f"it does not say {message!r}: {''.join(self.lines)}")

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Stop it, and give its exit code and what it printed."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=60) if not self._reading.is_alive() else ("", None)
        self._reading.join(60)
        code = self.process.wait(60)
        return code, out or self.process.stdout.read()


@pytest.fixture
def started(tmp_path: Path, environ: Mapping[str, str]) -> Iterator[Callable[..., Worker]]:
    """Start workers that are gone with the test."""
    workers: list[Worker] = []

    def start(name: str = "worker", *options: str, **more: str) -> Worker:
        workers.append(Worker(tmp_path / name, {**environ, **more}, *options))
        return workers[-1]

    yield start
    for worker in workers:
        worker.process.kill()
        worker.process.wait()
        worker.process.stdout.close()
        worker._reading.join()
        worker.process.stderr.close()


@pytest.fixture
async def desk(tmp_path: Path, environ: Mapping[str, str]) -> AsyncIterator[Ferry]:
    """A ferry on another machine."""
    async with Ferry(home=tmp_path / "desk", environ=environ, speed=SPEED) as ferry:
        yield ferry


def made(provider: Running) -> int:
    """Give how many jobs the provider was asked to make."""
    return len(httpx.get(f"{provider.base_url}/_sandbox/tasks").json()["tasks"])


async def until(true: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(true):
            await asyncio.sleep(0.02)


async def test_a_worker_does_what_another_process_submits(
    tmp_path: Path, provider: Running, desk: Ferry, started: Callable[..., Worker]
) -> None:
    """Which comes back at once, sees the end, and has the files where it wants them."""
    worker = await asyncio.to_thread(started, "worker", "--json")
    task = await desk.submit("vap/image", prompt="a fox", folder=tmp_path / "out")
    submitted = task.snapshot.status

    outcome = await task.wait(60)
    seen_at = time.time()
    health = httpx.get(f"{worker.url}/health").json()
    metrics = httpx.get(f"{worker.url}/metrics").text
    code, printed = await asyncio.to_thread(worker.end)

    assert submitted is Status.PREPARED
    assert isinstance(outcome, Finished)
    assert outcome.snapshot.status is Status.SUCCEEDED
    assert seen_at - outcome.snapshot.finished_at < 10  # its file was kept, fetched again and put there in between
    assert [one.path.is_relative_to(tmp_path / "out") for one in outcome.snapshot.artifacts] == [True]
    assert (health["status"], health["all"]["workers"], "vap" in health["providers"]) == ("ok", 1, True)
    assert 'operation="vap/image",provider="vap",status="succeeded"} 1.0' in metrics
    assert code == 0
    assert json.loads(printed)["worker"]["ended"] == {"succeeded": 1}
    assert made(provider) == 1


async def test_a_worker_that_is_told_to_stop_hands_its_tasks_to_another(
    tmp_path: Path, environ: Mapping[str, str], provider: Running, started: Callable[..., Worker]
) -> None:
    """At once, without waiting for its lease to end; nothing is made twice, nothing is cancelled."""
    first = await asyncio.to_thread(started, "first")
    async with Ferry(home=tmp_path / "desk", environ=environ, speed=SPEED) as desk:
        tasks = [await desk.submit("vap/image", prompt=f"[[run:1000]] a fox {number}") for number in range(10)]
        await until(lambda: all(desk.ledger.get(task.id).snapshot.status.watched for task in tasks))

    code, _ = await asyncio.to_thread(first.end)
    with open_in_postgres(tmp_path) as ledger:
        left = [(row.snapshot.status.watched, ledger.is_held_elsewhere(row)) for row in ledger.recent()]
        second = await asyncio.to_thread(started, "second")
        await until(lambda: not ledger.unfinished())
        ended = [row.snapshot.status for row in ledger.recent()]
    await asyncio.to_thread(second.end)

    assert code == 0
    assert "10 tasks handed over" in first.lines[-1]
    assert left == [(True, False)] * 10
    assert ended == [Status.SUCCEEDED] * 10
    assert '"ended": {"succeeded": 10}' in second.lines[-1]
    assert made(provider) == 10


async def test_its_log_is_lines_of_json_without_a_key(
    provider: Running, desk: Ferry, started: Callable[..., Worker]
) -> None:
    """Each step names its task."""
    worker = await asyncio.to_thread(started, "worker", "--log-level", "debug")
    task = await desk.submit("vap/image", prompt="a fox")
    await task.wait(60)
    await asyncio.to_thread(worker.end)

    lines = [json.loads(line) for line in worker.lines]

    assert all({"time", "level", "message"} <= set(line) for line in lines)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]) for line in lines)
    assert [line["task"] for line in lines if line["message"].endswith("-> succeeded")] == [task.id]
    assert provider.env["VAP_API_KEY"] not in "".join(worker.lines)


@pytest.mark.parametrize("off", ["600", pytest.param("-600", marks=pytest.mark.slow)])
async def test_a_worker_whose_clock_is_minutes_off_is_harmless(
    desk: Ferry, started: Callable[..., Worker], off: str
) -> None:
    """Its tasks are dated by the server's clock, and teach the durations that they really took."""
    worker = await asyncio.to_thread(started, CLOCK_OFF=off)
    task = await desk.submit("vap/image", prompt="a fox")

    outcome = await task.wait(60)
    await until(lambda: abs(httpx.get(f"{worker.url}/health").json()["clock_behind"] + float(off)) < 2)
    snapshot = outcome.snapshot
    again = await desk.submit("vap/image", prompt="a fox")

    assert snapshot.status is Status.SUCCEEDED
    assert abs(snapshot.finished_at - time.time()) < 30
    assert snapshot.created_at <= snapshot.submitted_at + 2
    assert all(took.run_seconds < 60 for took in desk.ledger.durations("vap/image", None, None))
    assert (again.id, again.duplicate) == (task.id, True)


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that takes every request and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(("drain", "signals", "ends"), [("0.2", 1, 0), ("600", 2, -signal.SIGTERM)])
async def test_a_billed_call_without_an_answer_holds_up_the_end_only_so_long(
    tmp_path: Path,
    environ: Mapping[str, str],
    started: Callable[..., Worker],
    silent: str,
    drain: str,
    signals: int,
    ends: int,
) -> None:
    """As --drain says, or until a second signal; what became of the job is to be reconciled, never tried again."""
    told = {"TASKFERRY_VAP_BASE_URL": silent}
    worker = await asyncio.to_thread(started, "worker", "--drain", drain, **told)
    async with Ferry(home=tmp_path / "desk", environ={**environ, **told}) as desk:
        task = await desk.submit("vap/image", prompt="a fox")
        await until(lambda: desk.ledger.get(task.id).snapshot.status is Status.SUBMITTING)

        for _ in range(signals):
            worker.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(worker.told, "SIGTERM")
        code = await asyncio.to_thread(worker.process.wait, 20)
        outcome = await task.wait(20)

    assert code == ends
    assert outcome.snapshot.status is Status.UNCONFIRMED


def test_tasks_of_a_plugin_that_a_worker_lacks_are_left_alone_and_told(
    tmp_path: Path,
    environ: Mapping[str, str],
    started: Callable[..., Worker],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Until there is a worker that has it."""
    for name, value in {**environ, "TASKFERRY_HOME": str(tmp_path / "desk")}.items():
        monkeypatch.setenv(name, value)
    with open_in_postgres(tmp_path) as ledger:
        for _ in range(3):
            ledger.add(a_record(time.time()), held=False)
        worker = started()

        code = main(["doctor", "--json"])
        checks = {row["name"]: row for row in json.loads(capsys.readouterr().out)["checks"]}
        left = [record.holder for record in ledger.recent()]

    assert code == 0
    assert checks["workers"]["detail"].startswith("1 alive, for vap")
    assert checks["work for acme"]["detail"] == "3 tasks of acme wait: no worker that lives has acme"
    assert left == [None] * 3
    assert "acme" not in httpx.get(f"{worker.url}/health").json()["providers"]
    assert httpx.get(f"{worker.url}/health").json()["all"]["unserved"] == {"acme": 3}


def test_submit_says_who_does_the_job(
    tmp_path: Path,
    environ: Mapping[str, str],
    started: Callable[..., Worker],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And comes back with 0 either way: the job is in the ledger."""
    for name, value in {**environ, "TASKFERRY_HOME": str(tmp_path / "desk")}.items():
        monkeypatch.setenv(name, value)

    alone = main(["submit", "vap/image", "prompt=one"]), capsys.readouterr().err
    doctor = main(["doctor"]), capsys.readouterr().out
    started()
    served = main(["submit", "vap/image", "prompt=two", "-o", "out"]), capsys.readouterr().err
    ended = main(["run", "vap/image", "prompt=three", "-o", str(tmp_path / "out")]), capsys.readouterr().out

    assert alone[0] == served[0] == ended[0] == 0
    assert "no worker that lives has vap. Start `taskferry worker`" in alone[1]
    assert "none alive; tasks waiting" in doctor[1]
    assert "agrees with this machine's" in doctor[1]
    assert "a worker sends it" in served[1]
    assert "-o out" in served[1]
    assert str(tmp_path / "out") in ended[1]


def test_without_a_shared_ledger_it_says_what_it_is_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And makes nothing."""
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TASKFERRY_LEDGER", raising=False)

    code = main(["worker"])

    assert code == 2
    assert "TASKFERRY_LEDGER=postgresql://" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()
