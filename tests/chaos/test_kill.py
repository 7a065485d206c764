"""`make chaos KILLS=N`: processes struck again and again in every way; no job is lost, none is made twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and signals are POSIX's")


def chaos(strikes: int, seed: int, folder: Path, *, heard: bool) -> subprocess.CompletedProcess[str]:
    """Run every phase in a process that may fork; its figures are given back, or go where this one's output goes."""
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "chaos.run", "--strikes", str(strikes), "--seed", str(seed), "--keep", str(folder)]
    return subprocess.run(
        command, env={**os.environ, "PYTHONPATH": paths}, text=True, stdout=subprocess.PIPE if heard else None
    )


def test_a_few_strikes_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    """The seeded part of the chaos run that every test run has: each phase strikes a few times."""
    run = chaos(16, 2026, tmp_path, heard=True)

    assert run.returncode == 0, run.stdout
    assert run.stdout.count("lost 0, doubled 0") == 8


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
def test_many_strikes_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    """`make chaos KILLS=N`; each run has a seed of its own, which it tells."""
    seed = random.randrange(10**6)
    print(f"\nseed {seed}", flush=True)

    run = chaos(int(os.environ.get("KILLS", "200")), seed, tmp_path, heard=False)

    assert run.returncode == 0
