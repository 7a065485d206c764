"""Whether the clock can be right: signatures, expiries and the order of tasks go by it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import taskferry
from taskferry.cli import words
from taskferry.cli.checks.check import BROKEN, NOTE, Check
from taskferry.cli.ledgers import is_there
from taskferry.errors import TaskferryError
from taskferry.ledger.choosing import open_ledger_for

_SLACK = 120.0
"""Seconds by which clocks of one machine and its file systems may differ."""
_MEND = "Set the clock, best by the system's time service."


def check_clock(home: Path, now: float | None = None) -> Check:
    """Hold the clock against what was written before now: taskferry's own files, and the newest task."""
    now = time.time() if now is None else now
    shown = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if Path(taskferry.__file__).stat().st_mtime > now + _SLACK:
        return Check(name="clock", state=BROKEN, detail=f"{shown}, before taskferry was installed", mend=_MEND)
    newest = _newest(home)
    if newest is not None and newest > now + _SLACK:
        detail = f"{shown}, {words.age(newest - now)} before the newest task was made"
        return Check(name="clock", state=NOTE, detail=detail, mend=_MEND)
    return Check(name="clock", detail=shown)


def _newest(home: Path) -> float | None:
    if not is_there(home):
        return None
    try:
        with open_ledger_for(home, readonly=True) as ledger:
            return max((row.snapshot.created_at for row in ledger.recent(1)), default=None)
    except TaskferryError:
        return None  # the ledger's own row says so
