"""Records for the tests of the ledger."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from taskferry.ledger import Job, Record
from taskferry.status import Status
from taskferry.task import Artifact, Snapshot, new_id

PROMPT = "a small red fox"


def a_job(**changes: Any) -> Job:
    """Make a plain job of an invented provider."""
    job = Job(
        provider="acme",
        operation="acme/image",
        generation="v1",
        base_url="https://api.acme.example",
        account="4f2a",
        parameters={"prompt": PROMPT},
        caller="cli",
    )
    return evolve(job, **changes)


def a_record(at: float = 1000.0, *, job: Job | None = None, **snapshot: Any) -> Record:
    """Make a task that was asked for at a time in epoch seconds."""
    job = job or a_job()
    first = Snapshot(
        id=new_id(at), provider=job.provider, operation=job.operation, status=Status.PREPARED, created_at=at
    )
    return Record(job=job, snapshot=evolve(first, **snapshot))


def moved(record: Record, status: Status, **snapshot: Any) -> Record:
    """Give a record whose task is in another state."""
    return evolve(record, snapshot=evolve(record.snapshot, status=status, **snapshot))


def an_image(**changes: Any) -> Artifact:
    """Make a result that was not kept yet."""
    return evolve(Artifact(name="image", kind="image", url="https://files.acme.example/1.png?signature=x"), **changes)
