"""Either plugin can be deleted: core and the other one stay green."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sources import PROVIDERS, ROOT

GONE = """
import os, sys

class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == os.environ["GONE"]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Gone())
"""
CORE = [
    "tests/contract/test_broken_adapters.py",
    "tests/contract/test_exchange.py",
    "tests/contract/test_strange_providers.py",
    "tests/integration/test_ferry_path.py",
    "tests/unit/test_registry.py",
]


@pytest.mark.slow
@pytest.mark.parametrize("deleted", PROVIDERS)
def test_core_and_the_other_plugin_do_without_it(deleted: str, tmp_path: Path) -> None:
    """Nothing of the deleted plugin can be imported, and its entry point is off."""
    (tmp_path / "gone.py").write_text(GONE, "utf-8")
    others = [name for name in PROVIDERS if name != deleted]
    tests = [*CORE, *(f"tests/contract/test_{name}_adapter.py" for name in others)]
    tests += [f"tests/integration/test_{name}_wire.py" for name in others]

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "gone", "-p", "no:cacheprovider", "-p", "no:xdist", *tests],
        cwd=ROOT,
        env={
            **os.environ,
            "GONE": f"taskferry_{deleted}",
            "TASKFERRY_DISABLE_PLUGINS": deleted,
            "PYTHONPATH": str(tmp_path),
        },
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stdout[-4000:]
    assert " passed" in run.stdout
