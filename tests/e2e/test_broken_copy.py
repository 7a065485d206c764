"""The tests can fail: a copy in which one function is broken goes red."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sources import ROOT

BREAKS = {
    "a lost reply counts as refused": (
        "exchange/submitting.py",
        "        return Unconfirmed(failure=failure)\n    failure, status =",
        "        return Refused(failure=failure)\n    failure, status =",
        "tests/contract/test_exchange.py",
    ),
    "a late answer moves a task back": (
        "machine.py",
        "asked_at < snapshot.looked_at",
        "asked_at < 0",
        "tests/unit/test_machine.py",
    ),
    "the key follows a call to any host": (
        "signing.py",
        "    if not is_own(target, service, base_url):",
        "    if False:",
        "tests/unit/test_signing.py",
    ),
}


@pytest.mark.parametrize("name", [*BREAKS][:1] + [pytest.param(name, marks=pytest.mark.slow) for name in [*BREAKS][1:]])
def test_a_copy_in_which_one_function_is_broken_goes_red(name: str, tmp_path: Path) -> None:
    """Pytest exits with 1, failed tests, on the copy."""
    file, sound, broken, tests = BREAKS[name]
    copy = shutil.copytree(ROOT / "core/src/taskferry", tmp_path / "taskferry")
    text = (copy / file).read_text("utf-8")
    assert sound in text
    (copy / file).write_text(text.replace(sound, broken), "utf-8")

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", tests],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert run.returncode == 1, run.stdout
    assert " failed" in run.stdout
