"""A provider as its plugin's author would write it with typed decoding, and a real one without its rate limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint
from typing import Any

import msgspec
from attrs import evolve

from taskferry import (
    JSON,
    Accepted,
    Call,
    Cost,
    Exchange,
    Failure,
    Observation,
    Operation,
    Provider,
    Registry,
    Reply,
    Request,
    Service,
    Status,
    Typical,
    decimal,
    failure_from_status,
    hookimpl,
)
from taskferry_vap.adapter import VapAdapter

STATUS = {"queued": Status.QUEUED, "executing": Status.RUNNING, "completed": Status.SUCCEEDED, "failed": Status.FAILED}
IMAGE = Operation(
    name="bench/image",
    title="Image",
    description="An image.",
    kind="image",
    parameters={
        "type": "object",
        "additionalProperties": False,
        "required": ["prompt"],
        "properties": {"prompt": {"type": "string", "description": "What to show."}},
    },
    typical=Typical(median=20, slow=60),
)


class Shown(msgspec.Struct):
    """What a look needs of a task's body; the rest is passed over."""

    task_id: str
    status: str
    estimated_cost: str | None = None


class Listed(msgspec.Struct):
    """What a look at many needs."""

    tasks: list[Shown]


def observation(shown: Shown) -> Observation:
    """Read one task."""
    return Observation(
        provider_status=shown.status,
        status=STATUS.get(shown.status),
        cost=Cost(estimated=decimal(shown.estimated_cost), unit="USD"),
    )


class BenchAdapter:
    """One look for each task."""

    service = Service(base_url="http://127.0.0.1", key_variables=("BENCH_KEY",))
    operations = (IMAGE,)

    def submit(self, request: Request) -> Exchange[Accepted]:
        reply = yield Call.create("/v3/tasks", json=dict(request.parameters))
        return Accepted(remote={"task_id": reply.decode(Shown).task_id})

    def fetch(self, remote: Any) -> Exchange[Observation]:
        reply = yield Call.get("/v3/tasks/{id}", id=remote["task_id"])
        return observation(reply.decode(Shown))

    def failure(self, reply: Reply) -> Failure | None:
        return None if reply.ok else failure_from_status(reply)


class BatchAdapter(BenchAdapter):
    """The same at a provider that shows a hundred tasks in one reply."""

    service = Service(base_url="http://127.0.0.1", key_variables=("BENCH_KEY",))
    operations = (evolve(IMAGE, name="batch/image"),)
    fetch_many_limit = 100

    def fetch_many(self, remotes: Sequence[Any]) -> Exchange[Sequence[Observation | None]]:
        ids = [remote["task_id"] for remote in remotes]
        reply = yield Call.query("/v3/tasks/list", json={"task_ids": ids})
        found = {shown.task_id: observation(shown) for shown in reply.decode(Listed).tasks}
        return [found.get(task_id) for task_id in ids]


class UnlimitedVapAdapter(VapAdapter):
    """A bundled adapter as it is; only the provider's own limit, which would be all that is measured, is away."""

    service = evolve(VapAdapter.service, requests_per_minute=None)


OPERATIONS = {"bench": "bench/image", "batch": "batch/image", "vap": "vap/image"}
"""By provider, what the benchmarks ask for."""


def remote_of(provider: str, task_id: str) -> JSON:
    """Give what the adapter of a provider keeps of a job."""
    return {"task_id": task_id, "kind": "image"} if provider == "vap" else {"task_id": task_id}


@hookimpl
def taskferry_providers(register: Callable[[Provider], None]) -> None:
    """Register the three."""
    home = "benchmarks.looks.provider"
    register(Provider(name="bench", title="Bench", adapters={"v1": f"{home}:BenchAdapter"}))
    register(Provider(name="batch", title="Batch", adapters={"v1": f"{home}:BatchAdapter"}))
    register(Provider(name="vap", title="VAP", adapters={"v3": f"{home}:UnlimitedVapAdapter"}))


def registry() -> Registry:
    """Give a registry that knows these alone."""
    return Registry(entry_points=[EntryPoint("bench", "benchmarks.looks.provider", "taskferry")], disabled="")
