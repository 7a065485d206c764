"""A batch that is killed, twice, and run again: every row is made, each once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from taskferry.sandbox import Running, running

TASKFERRY = [sys.executable, "-m", "taskferry.cli.start"]


@pytest.fixture
def provider() -> Iterator[Running]:
    """A provider that is much faster than the real one, and takes as many jobs as it is given."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=60, limits=False) as servers:
        yield servers["vap"]


def prompts(provider: Running) -> Counter[str]:
    """Count the jobs that the provider has, by prompt."""
    tasks = httpx.get(f"{provider.base_url}/_sandbox/tasks", timeout=30).json()["tasks"]
    return Counter(task["prompt"] for task in tasks)


def killed_after(command: list[str], environ: dict[str, str], folder: Path, results: Path, rows: int) -> int:
    """Run a command until its results file has so many lines, then kill it; give how many there were."""
    results.unlink(missing_ok=True)
    process = subprocess.Popen(command, env=environ, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        if results.exists() and results.read_bytes().count(b"\n") >= rows:
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.05)
    process.wait(timeout=30)
    assert process.returncode == -signal.SIGKILL
    return results.read_bytes().count(b"\n")


def run_to_the_end(command: list[str], environ: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that nobody stops."""
    return subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=1500, check=False)


def lines_of(results: Path) -> list[dict[str, Any]]:
    """Read a results file."""
    return [json.loads(line) for line in results.read_text().splitlines()]


def verdict(provider: Running, line: dict[str, Any]) -> list[str]:
    """Look at the provider, as its owner can, what became of a row in doubt: its job there, or none."""
    tasks = httpx.get(f"{provider.base_url}/_sandbox/tasks", timeout=30).json()["tasks"]
    made = [task["task_id"] for task in tasks if task["prompt"] == f"fox number {line['line'] - 2}"]
    return ["--adopt", made[0]] if made else ["--abandon"]


def killed_twice(provider: Running, folder: Path, rows: int) -> None:
    """Run a batch of so many rows, kill it a third and two thirds through, and hold the end against the provider.

    A billed call that was out when it was killed may be undecidable by what the provider lists: then the user decides.
    """
    (folder / "jobs.csv").write_text("prompt\n" + "".join(f"fox number {number}\n" for number in range(rows)))
    environ = {**os.environ, **provider.env, "TASKFERRY_HOME": str(folder / "home")}
    command = [*TASKFERRY, "batch", "jobs.csv", "-o", "out", "--operation", "vap/image", "--at-once", "30"]
    results = folder / "out" / "results.jsonl"

    killed_after(command, environ, folder, results, rows // 3)
    killed_after(command, environ, folder, results, 2 * rows // 3)
    third = run_to_the_end(command, environ, folder)
    doubtful = [line for line in lines_of(results) if line["status"] == "unconfirmed"]
    print(f"{rows} rows, killed twice: {len(doubtful)} in doubt for the user to settle")
    assert third.returncode == (5 if doubtful else 0), third.stderr[-2000:]
    assert max(prompts(provider).values()) == 1
    for line in doubtful:
        run_to_the_end([*TASKFERRY, "reconcile", line["id"], *verdict(provider, line)], environ, folder)
    last = run_to_the_end(command, environ, folder)

    assert last.returncode == 0, last.stderr[-2000:]
    lines = lines_of(results)
    assert [line["line"] for line in lines] == list(range(2, rows + 2))
    assert {line["status"] for line in lines} == {"succeeded"}
    assert all(Path(path).is_file() for line in lines for path in line["paths"])
    assert prompts(provider) == Counter({f"fox number {number}": 1 for number in range(rows)})


def test_a_killed_batch_goes_on_where_it_was(provider: Running, tmp_path: Path) -> None:
    """No row is paid twice and none is left out."""
    killed_twice(provider, tmp_path, 15)


@pytest.mark.timeout(1800)
@pytest.mark.slow
def test_a_thousand_rows_survive_two_kills(provider: Running, tmp_path: Path) -> None:
    """As the small one, at the size that people come with."""
    killed_twice(provider, tmp_path, 1000)
