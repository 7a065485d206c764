"""How soon taskferry is there: its import beside the vendor's own client, its commands beside a bare interpreter."""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cli_records import record
from taskferry import Status
from taskferry.ledger import open_ledger
from taskferry.task import new_id

ROUNDS = 15
COMMAND = Path(sys.executable).parent / "taskferry"
LLM = Path(sys.prefix) / "peers" / "bin" / "llm"
"""Where `make bench` installs the peers; without it that comparison is left out."""


def medians(measures: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Take each measure in turn, round after round, so that a busy machine is busy for all; a first round warms up."""
    taken: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(ROUNDS + 1):
        for name, measure in measures.items():
            taken[name].append(measure())
    return {name: statistics.median(times[1:]) for name, times in taken.items()}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Keep the bytecode that the warming round compiles, even where the environment says that none is written."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONPYCACHEPREFIX": str(tmp_path / "bytecode"), "TASKFERRY_HOME": str(tmp_path / "home")}


def importing(statement: str, environ: Mapping[str, str]) -> Callable[[], float]:
    """Measure an import inside a fresh interpreter."""
    code = f"import time; began = time.perf_counter()\n{statement}\nprint(time.perf_counter() - began)"

    def measure() -> float:
        command = [sys.executable, "-c", code]
        return float(subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout)

    return measure


def running(command: list[str | Path], environ: Mapping[str, str]) -> Callable[[], float]:
    """Measure a program from start to end."""

    def measure() -> float:
        began = time.perf_counter()
        subprocess.run(command, env=environ, capture_output=True, check=True)
        return time.perf_counter() - began

    return measure


def show(title: str, times: Mapping[str, float], unit: str) -> None:
    print(f"\n{title} (median of {ROUNDS})")
    for name, seconds in times.items():
        print(f"  {name:28} {seconds * 1000:7.1f} ms   {seconds / times[unit]:5.2f} x {unit}")


@pytest.mark.slow
def test_importing_taskferry_takes_no_longer_than_the_vendors_client(environ: dict[str, str]) -> None:
    """The package alone; what submitting a job adds is shown beside it."""
    statements = [
        "import tripo3d",
        "import taskferry",
        "from taskferry import Ferry",
        "from taskferry.sync import Ferry",
    ]

    times = medians({statement: importing(statement, environ) for statement in statements})

    show("imports", times, "import tripo3d")
    assert times["import taskferry"] <= times["import tripo3d"]


@pytest.fixture
def task_id(environ: dict[str, str]) -> str:
    """A ledger of two hundred tasks; the id of the newest."""
    with open_ledger(Path(environ["TASKFERRY_HOME"])) as ledger:
        for number in range(200):
            moment = time.time() - number
            ledger.add(record(Status.SUCCEEDED, task_id=new_id(moment), prompt=f"fox {number}", created_at=moment))
        return ledger.recent(1)[0].id


@pytest.mark.timeout(900)
@pytest.mark.slow
def test_the_commands_that_scripts_call_often_start_at_once(environ: dict[str, str], task_id: str) -> None:
    """Hardly more than the interpreter itself, and far less than another command line for paid jobs."""
    commands: dict[str, list[str | Path]] = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import click'": [sys.executable, "-c", "import click"],
        "taskferry --version": [COMMAND, "--version"],
        "taskferry list": [COMMAND, "list"],
        "taskferry status": [COMMAND, "status", task_id],
        "taskferry providers": [COMMAND, "providers"],
        **({"llm --version": [LLM, "--version"]} if LLM.exists() else {}),
    }

    times = medians({name: running(command, environ) for name, command in commands.items()})

    show("commands", times, "python -c pass")
    assert times["taskferry --version"] <= 1.3 * times["python -c pass"]
    for name in ("taskferry list", "taskferry status"):
        assert times[name] <= 4.2 * times["python -c pass"]
        assert times[name] <= times.get("llm --version", math.inf) / 3
