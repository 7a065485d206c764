"""Ledger rows for the tests of the command line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from taskferry import Artifact, Cost, Snapshot, Status
from taskferry.ledger.record import Job, Record

NOW = 1_800_000_000.0
ID = "01jd3k5w0v7a4bz2m9q8r6t1xy"


def record(
    status: Status = Status.RUNNING,
    *,
    task_id: str = ID,
    prompt: str = "a small red fox",
    holder: str | None = None,
    **changes: Any,
) -> Record:
    """Make a row of a task that was asked for two minutes ago."""
    facts: dict[str, Any] = {"cost": Cost(estimated=Decimal("0.18"), unit="USD"), "created_at": NOW - 120, **changes}
    snapshot = Snapshot(id=task_id, provider="acme", operation="acme/image", status=status, **facts)
    job = Job(
        provider="acme",
        operation="acme/image",
        generation="v1",
        base_url="https://api.acme.example",
        account="f00d",
        parameters={"prompt": prompt},
        caller="cli",
    )
    return Record(job=job, snapshot=snapshot, holder=holder)


def kept(folder: Path) -> Artifact:
    """Make an artifact whose file lies in a folder."""
    return Artifact(name="image", kind="image", media_type="image/png", path=folder / "image.png", size=4_100_000)
