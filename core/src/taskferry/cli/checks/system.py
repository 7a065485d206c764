"""Python, the disk, the road of looks, and what is installed of the extras."""

from __future__ import annotations

import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from taskferry.cli import words
from taskferry.cli.checks.check import BROKEN, FINE, NOTE, Check
from taskferry.cli.extras import EXTRAS, install_line, missing

_LITTLE_SPACE = 1_000_000_000
"""Bytes below which files may soon not be kept."""
_NO_SPACE = 50_000_000
_OLDEST_PYTHON = (3, 11)


def check_system() -> Check:
    """Tell what taskferry runs on."""
    detail = f"taskferry {version('taskferry')}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    fit = sys.version_info[:2] >= _OLDEST_PYTHON
    wanted = ".".join(map(str, _OLDEST_PYTHON))
    return Check(
        name="version",
        state=FINE if fit else BROKEN,
        detail=f"{detail}, {platform.system()}",
        mend="" if fit else f"Install taskferry with Python {wanted} or later.",
    )


def check_disk(home: Path) -> Check:
    """Tell how much room is left for files."""
    folder = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(folder).free
    state = BROKEN if free < _NO_SPACE else NOTE if free < _LITTLE_SPACE else FINE
    mend = "" if state == FINE else "Make room, or set TASKFERRY_HOME to a folder on a larger disk."
    return Check(name="disk", state=state, detail=f"{words.size(free)} free at {folder}", mend=mend)


def check_looks() -> Check:
    """Tell which road status reads take, and what the dearer one costs."""
    from taskferry.transport import TIMES_DEARER, is_installed, why_not_native  # httpx loads only for those who look

    reason = why_not_native()
    if reason is None:
        return Check(name="looks", detail="over pyreqwest")
    detail = f"over httpx, since {reason}: about {TIMES_DEARER} times the CPU for each look"
    return Check(name="looks", state=NOTE, detail=detail, mend="" if is_installed() else install_line("fast"))


def check_extras() -> Iterator[Check]:
    """Tell which optional parts are installed."""
    for extra, (purpose, _) in EXTRAS.items():
        lacking = missing(extra)
        if lacking:
            yield Check(name=f"extra {extra}", state=NOTE, detail=f"not installed: {purpose}", mend=install_line(extra))
        else:
            yield Check(name=f"extra {extra}", detail=f"installed: {purpose}")
