"""Ours: a real ferry that submits every job and waits for it, with 200 past runs of each kind in its ledger."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import Any

import msgspec
from attrs import evolve

from benchmarks.looks.lives.plan import KINDS, Planned, length, plan
from taskferry import (
    Accepted,
    Artifact,
    Call,
    Exchange,
    Failure,
    Ferry,
    Finished,
    Observation,
    Operation,
    Provider,
    Registry,
    Reply,
    Request,
    Service,
    Status,
    Typical,
    failure_from_status,
    hookimpl,
)
from taskferry.ledger import Ledger
from taskferry.ledger.record import Job, Record
from taskferry.task import Snapshot, new_id

PAST_RUNS = 200
"""Of each kind, before the first job."""
DONE = Artifact(name="image", kind="image", url="https://cdn.bench.example/image.png")
IMAGE = Operation(
    name="lives/image",
    title="Image",
    description="An image.",
    kind="image",
    parameters={
        "type": "object",
        "additionalProperties": False,
        "required": ["prompt", "model", "seconds"],
        "properties": {
            "prompt": {"type": "string", "description": "What to show."},
            "model": {"type": "string", "description": "Which kind of job."},
            "seconds": {"type": "number", "description": "How long it is to take."},
        },
    },
    typical=Typical(median=20, slow=60),
)


class Shown(msgspec.Struct):
    """The body of a job."""

    id: str
    status: str


class LivesAdapter:
    """The stand-in as a provider."""

    service = Service(base_url="http://127.0.0.1", key_variables=("LIVES_KEY",))
    operations = (IMAGE,)

    def submit(self, request: Request) -> Exchange[Accepted]:
        wanted = request.parameters
        body = {"client": "taskferry", "kind": wanted["model"], "seconds": wanted["seconds"]}
        reply = yield Call.create("/jobs", json=body)
        return Accepted(remote={"id": reply.decode(Shown).id})

    def fetch(self, remote: Any) -> Exchange[Observation]:
        reply = yield Call.get("/jobs/{id}", id=remote["id"])
        word = reply.decode(Shown).status
        if word == "done":
            return Observation(provider_status=word, status=Status.SUCCEEDED, artifacts=(DONE,))
        return Observation(provider_status=word, status=Status.RUNNING)

    def failure(self, reply: Reply) -> Failure | None:
        return None if reply.ok else failure_from_status(reply)


@hookimpl
def taskferry_providers(register: Callable[[Provider], None]) -> None:
    """Register it."""
    register(Provider(name="lives", title="Lives", adapters={"v1": f"{__name__}:LivesAdapter"}))


def remember(ledger: Ledger) -> None:
    """Fill the ledger with past runs, as looks would have seen them."""
    chance = random.Random(5)
    for kind, middle in KINDS.items():
        job = Job(
            provider="lives",
            operation=IMAGE.name,
            generation="v1",
            base_url="",
            account="",
            parameters={"prompt": "past", "model": kind},
        )
        for number in range(PAST_RUNS):
            began = time.time() - 86400
            snapshot = Snapshot(
                id=new_id(began),
                provider="lives",
                operation=IMAGE.name,
                status=Status.RUNNING,
                created_at=began,
                submitted_at=began,
                started_at=began,
            )
            row = ledger.add(Record(job=job, snapshot=snapshot, remote={"past": f"{kind} {number}"}))
            seconds = length(chance, middle)
            ended = evolve(snapshot, status=Status.SUCCEEDED, artifacts=(DONE,), finished_at=began + seconds)
            ledger.save(evolve(row, snapshot=ended), took=(0.0, seconds, None))


async def wait_for_all(port: int) -> None:
    """Submit and wait as an embedder does."""
    registry = Registry(entry_points=[EntryPoint("lives", __name__, "taskferry")], disabled="")
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as home:
        ferry = Ferry(
            home=home, registry=registry, environ={"LIVES_KEY": "key"}, base_urls={"lives": address}, keep=False
        )
        async with ferry:
            await ferry.engine.call(remember, ferry.ledger)
            await asyncio.gather(*(_wait(ferry, planned) for planned in plan()))


async def _wait(ferry: Ferry, planned: Planned) -> None:
    await asyncio.sleep(planned.start)
    task = await ferry.submit("lives/image", prompt="a fox", model=planned.kind, seconds=planned.seconds, again=True)
    outcome = await task.wait()
    assert isinstance(outcome, Finished)
    assert outcome.snapshot.status.ok
