"""`make soak`: hours on a clock that jumps, and real minutes: memory and descriptors stay flat, nothing is stuck."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="what a process holds is read from /proc")


def soaked(module: str, amount: object, home: Path) -> subprocess.CompletedProcess[str]:
    """Soak in a process of its own, where nothing else keeps what was logged or counts what was covered."""
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", f"chaos.{module}", str(amount), str(home)]
    run = subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, text=True, stdout=subprocess.PIPE)
    print(f"\n{run.stdout}", flush=True)
    return run


def test_a_few_tasks_on_a_virtual_clock_all_end(tmp_path: Path) -> None:
    """The part of the soak that every test run has: minutes of tasks in seconds, looks that fail among them."""
    run = soaked("soak_hours", 40, tmp_path)

    assert run.returncode == 0, run.stdout


def test_a_few_seconds_against_the_stand_ins_lose_nothing(tmp_path: Path) -> None:
    """The same for waits, cancels, downloads and faults."""
    run = soaked("soak_minutes", 1.5, tmp_path)

    assert run.returncode == 0, run.stdout


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_tasks_over_hours_leave_nothing_behind(tmp_path: Path) -> None:
    """Each ends as the provider had it end, each file is kept, and looks are few."""
    run = soaked("soak_hours", 10_000, tmp_path)

    assert run.returncode == 0


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
def test_real_minutes_leave_nothing_behind(tmp_path: Path) -> None:
    """`SOAK_MINUTES` of them; then the stand-ins' own records are compared with the ledger."""
    run = soaked("soak_minutes", 60 * float(os.environ.get("SOAK_MINUTES", "10")), tmp_path)

    assert run.returncode == 0
