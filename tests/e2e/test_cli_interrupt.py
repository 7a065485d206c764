"""A command that is stopped, gently or not, loses no job and pays for none twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from taskferry.sandbox import Running, running

TASKFERRY = [sys.executable, "-m", "taskferry.cli.start"]


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is ten times faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=10) as servers:
        yield servers["vap"]


@pytest.fixture
def environ(provider: Running, tmp_path: Path) -> dict[str, str]:
    """The environment of a user with an empty home, at a provider that has forgotten everything."""
    httpx.post(f"{provider.base_url}/_sandbox/reset").raise_for_status()
    return {**os.environ, **provider.env, "TASKFERRY_HOME": str(tmp_path / "home")}


def started(environ: dict[str, str], folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a command that waits, and come back when the provider has its job."""
    command = subprocess.Popen(
        [*TASKFERRY, *arguments], env=environ, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert command.stderr is not None
    line = command.stderr.readline()
    assert " queued" in line or " running" in line, line
    return command


def ended(environ: dict[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*TASKFERRY, *arguments], env=environ, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def creates(provider: Running) -> int:
    """Count the billed calls that reached the provider."""
    requests = httpx.get(f"{provider.base_url}/_sandbox/requests").json()["requests"]
    return sum(request["kind"] == "create" for request in requests)


def tasks(text: str) -> list[dict[str, Any]]:
    """Read the one document of a command's stdout."""
    found: list[dict[str, Any]] = json.loads(text)["tasks"]
    return found


@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM])
def test_a_signal_ends_the_waiting_and_not_the_job(
    provider: Running, environ: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    """Exit code 130, and the printed command goes on with the job."""
    command = started(environ, tmp_path, "run", "vap/image", "prompt=x [[run:20]]")

    command.send_signal(number)
    out, err = command.communicate(timeout=30)

    assert command.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    resume = err.split("`taskferry ")[1].split("`")[0].split()
    assert resume[0] == "resume"
    finished = ended(environ, tmp_path, *resume, "--json")
    assert finished.returncode == 0
    assert [task["id"] for task in tasks(finished.stdout)] == resume[1:]
    assert creates(provider) == 1


def test_an_interrupted_command_still_writes_its_document(
    provider: Running, environ: dict[str, str], tmp_path: Path
) -> None:
    """A script learns the id from stdout."""
    command = started(environ, tmp_path, "run", "vap/image", "prompt=x [[stuck]]", "--json")

    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=30)

    assert command.returncode == 130
    (task,) = tasks(out)
    assert task["status"] in ("queued", "running")
    assert f"taskferry resume {task['id']}" in err


def test_a_killed_command_is_resumed_and_pays_once(provider: Running, environ: dict[str, str], tmp_path: Path) -> None:
    """Nothing is left of the process but the ledger."""
    command = started(environ, tmp_path, "run", "vap/image", "prompt=x [[run:20]]", "-o", "out")

    command.kill()
    command.communicate(timeout=30)

    finished = ended(environ, tmp_path, "resume", "--all", "--json")
    assert finished.returncode == 0, finished.stderr
    (task,) = tasks(finished.stdout)
    assert task["status"] == "succeeded"
    assert Path(task["artifacts"][0]["path"]).is_relative_to(tmp_path / "out")
    assert creates(provider) == 1
    assert tasks(ended(environ, tmp_path, "resume", "--all", "--json").stdout) == []


def test_two_waiting_commands_share_one_watcher(provider: Running, environ: dict[str, str], tmp_path: Path) -> None:
    """The second follows the first through the ledger, and goes on when the first is killed."""
    first = started(environ, tmp_path, "run", "vap/image", "prompt=x [[run:60]]")
    task_id = tasks(ended(environ, tmp_path, "list", "--json").stdout)[0]["id"]
    second = started(environ, tmp_path, "wait", task_id, "--json")

    first.kill()
    first.communicate(timeout=30)
    out, _ = second.communicate(timeout=60)

    assert second.returncode == 0
    assert [(task["id"], task["status"]) for task in tasks(out)] == [(task_id, "succeeded")]
    assert creates(provider) == 1


def test_an_interrupted_demo_says_what_it_leaves(environ: dict[str, str], tmp_path: Path) -> None:
    """Its stand-ins end with it, so there is nothing to resume."""
    command = subprocess.Popen(
        [*TASKFERRY, "demo", "--out", "shown", "--speed", "1"],
        env=environ,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert command.stderr is not None
    while " queued" not in command.stderr.readline():
        assert command.poll() is None

    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=30)

    assert command.returncode == 130
    assert out == ""
    assert "Run `taskferry demo` again." in err
    assert (tmp_path / "shown" / "tasks.json").is_file()
