"""Two providers whose jobs live at `chaos.cluster.server`: one shows a job at a time, the other a hundred."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint
from typing import Any

from attrs import evolve

from acme import PNG
from taskferry import (
    JSON,
    Accepted,
    Artifact,
    Call,
    CancelOutcome,
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
    failure_from_status,
    hookimpl,
)

STATUS = {"working": Status.RUNNING, "done": Status.SUCCEEDED, "stopped": Status.CANCELLED}
KEYS = {"FIELD_KEY": "sesame"}
PER_MINUTE = "FIELD_PER_MINUTE"
"""The variable that says how many requests a minute the provider's plugin asks for at most; none if it is not set."""
IMAGE = Operation(
    name="single/image",
    title="Image",
    description="An image.",
    kind="image",
    parameters={
        "type": "object",
        "additionalProperties": False,
        "required": ["prompt"],
        "properties": {"prompt": {"type": "string", "description": "What to show."}},
    },
    typical=Typical(median=2, slow=6),
)
PIXEL = Artifact(name="image", kind="image", url="data:image/png;base64," + base64.b64encode(PNG).decode())


def observation(word: str) -> Observation:
    """Read the one word that the server says of a job."""
    return Observation(provider_status=word, status=STATUS[word], artifacts=(PIXEL,) if word == "done" else ())


class SingleAdapter:
    """One look for each task."""

    service = Service(
        base_url="http://127.0.0.1",
        key_variables=tuple(KEYS),
        requests_per_minute=float(os.environ[PER_MINUTE]) if PER_MINUTE in os.environ else None,
    )
    operations = (IMAGE,)

    def submit(self, request: Request) -> Exchange[Accepted]:
        reply = yield Call.create("/jobs", json=dict(request.parameters))
        return Accepted(remote={"id": reply.at("id", str)})

    def fetch(self, remote: Any) -> Exchange[Observation]:
        reply = yield Call.get("/jobs/{id}", id=remote["id"])
        return observation(reply.at("state", str))

    def failure(self, reply: Reply) -> Failure | None:
        return None if reply.ok else failure_from_status(reply)

    def cancel(self, remote: Any) -> Exchange[CancelOutcome]:
        yield Call.post("/jobs/{id}/cancel", free=True, id=remote["id"])
        return CancelOutcome.ACCEPTED


class BatchAdapter(SingleAdapter):
    """The same at a provider that shows a hundred jobs in one reply."""

    operations = (evolve(IMAGE, name="batch/image"),)
    fetch_many_limit = 100

    def fetch_many(self, remotes: Sequence[JSON]) -> Exchange[Sequence[Observation | None]]:
        ids = [remote["id"] for remote in remotes if isinstance(remote, dict)]
        reply = yield Call.query("/jobs/list", json={"ids": ids})
        return [observation(word) for word in reply.at("states", list)]


ADAPTERS = {"single": SingleAdapter, "batch": BatchAdapter}
"""By provider."""


@hookimpl
def taskferry_providers(register: Callable[[Provider], None]) -> None:
    """Register both."""
    for name, adapter in ADAPTERS.items():
        register(Provider(name=name, title=name.title(), adapters={"v1": f"{__name__}:{adapter.__name__}"}))


def registry() -> Registry:
    """Give a registry that knows these and the ledger in PostgreSQL alone."""
    points = {"field": __name__, "postgres": "taskferry_postgres.plugin"}
    return Registry(entry_points=[EntryPoint(*point, "taskferry") for point in points.items()], disabled="")
