"""`make fuzz BODIES=N`: mutated bodies for every reader; none raises what is not typed, none takes long."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600)
def test_many_bodies_raise_nothing_untyped() -> None:
    """Each run has a seed of its own, which it tells."""
    seed = str(random.randrange(10**6))
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "fuzz.run", "--bodies", os.environ.get("BODIES", "100000"), "--seed", seed]

    run = subprocess.run(command, env={**os.environ, "PYTHONPATH": paths})

    assert run.returncode == 0
