"""What is said of tasks that are left to workers, and of files that are on another machine."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from taskferry.cli import render
from taskferry.status import Status
from taskferry.text import clean

if TYPE_CHECKING:
    from taskferry.ferry import Ferry
    from taskferry.ledger.record import Record


async def told_of_workers(ferry: Ferry, record: Record, out: Path | None) -> str | None:
    """Say who does a task that was only put into the ledger, and how to get it; None for any other."""
    snapshot = record.snapshot
    if not ferry.engine.shares or snapshot.status is not Status.PREPARED or snapshot.parked:
        return None
    got = f"taskferry wait {record.id}" if out is None else f"taskferry download {record.id} -o {shlex.quote(str(out))}"
    start = f"{render.headline(record)}  {snapshot.status}"
    if await ferry.engine.call(ferry.ledger.is_left, record):
        return f"{start}: a worker sends it. Get it with `{got}`."
    provider = record.job.provider
    return f"{start}: no worker that lives has {provider}. Start `taskferry worker`, or `{got}` does it here."


def not_here(record: Record) -> str | None:
    """Say how to get files that another machine kept; None where there are none such."""
    away = [one for one in record.snapshot.artifacts if one.path is not None and not one.path.is_file()]
    if not away:
        return None
    names = clean(", ".join(one.name for one in away))
    return f"{record.id}: not on this machine: {names}. `taskferry download {record.id} -o DIR` fetches it."
