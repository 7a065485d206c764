"""A made-up provider, whole: plugin and adapter, for tests that answer it at the wire."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from attrs import evolve

from taskferry import (
    JSON,
    Accepted,
    Amount,
    Artifact,
    Balance,
    Call,
    CancelOutcome,
    Candidate,
    Cost,
    Exchange,
    Failure,
    Ferry,
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

BASE = "https://api.acme.example"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\xff\x80\0"))
    + _chunk(b"IEND", b"")
)
"""One orange pixel."""
STATUS = {
    "waiting": Status.QUEUED,
    "working": Status.RUNNING,
    "done": Status.SUCCEEDED,
    "error": Status.FAILED,
    "nsfw": Status.MODERATED,
    "stopped": Status.CANCELLED,
}
IMAGE = Operation(
    name="acme/image",
    title="Image",
    description="An image.",
    kind="image",
    parameters={
        "type": "object",
        "additionalProperties": False,
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string", "minLength": 1, "description": "What to show."},
            "model": {"type": "string", "description": "Which model."},
        },
    },
    typical=Typical(median=20, slow=60, queue=2),
    price=Amount.parse("0.18 USD"),
)


class AcmeAdapter:
    """Everything that an adapter may have."""

    service = Service(base_url=BASE, key_variables=("ACME_KEY",), key_url="https://acme.example/keys")
    operations = (IMAGE,)
    recent_is_complete = False

    def submit(self, request: Request) -> Exchange[Accepted]:
        reply = yield Call.create("/jobs", json=dict(request.parameters))
        return Accepted(
            remote={"id": reply.at("id", str)},
            cost=Cost(estimated=decimal(reply.at("cost", str, default=None)), unit="USD"),
        )

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        reply = yield Call.get("/jobs/{id}", **remote)
        word = reply.at("state", str)
        return Observation(
            provider_status=word,
            status=STATUS.get(word),
            progress=reply.at("percent", float, default=None, scale=100),
            artifacts=[Artifact(name="image", kind="image", url=url) for url in reply.at("images", list, default=[])],
        )

    def failure(self, reply: Reply) -> Failure | None:
        return failure_from_status(reply)

    def cancel(self, remote: JSON) -> Exchange[CancelOutcome]:
        reply = yield Call.post("/jobs/{id}/stop", free=True, **remote)
        return CancelOutcome(reply.at("outcome", str))

    def recent(self, request: Request) -> Exchange[Sequence[Candidate]]:
        reply = yield Call.get("/jobs")
        return [
            Candidate(remote={"id": job["id"]}, prompt=job["prompt"], created_at=job.get("at"))
            for job in reply.at("jobs", list)
        ]

    def remote_from_id(self, text: str, request: Request) -> JSON:
        return {"id": text}

    def balance(self) -> Exchange[Balance]:
        reply = yield Call.get("/balance")
        return Balance(available=decimal(reply.at("left", str)), unit="USD")


class ManyAdapter(AcmeAdapter):
    """The same at a provider that shows many jobs in one reply."""

    service = Service(base_url="https://api.many.example", key_variables=("ACME_KEY",))
    operations = (evolve(IMAGE, name="many/image"),)
    fetch_many_limit = 100

    def fetch_many(self, remotes: Sequence[JSON]) -> Exchange[Sequence[Observation | None]]:
        reply = yield Call.query("/jobs/list", json={"ids": [remote["id"] for remote in remotes]})
        found = reply.at("jobs", dict)
        return [
            Observation(provider_status=found[remote["id"]], status=STATUS.get(found[remote["id"]]), artifacts=[PIXEL])
            if remote["id"] in found
            else None
            for remote in remotes
        ]


PIXEL = Artifact(name="image", kind="image", url="data:image/png;base64," + base64.b64encode(PNG).decode())


@hookimpl
def taskferry_providers(register: Callable[[Provider], None]) -> None:
    """Register Acme and its batching twin."""
    register(Provider(name="acme", title="Acme", adapters={"v1": "acme:AcmeAdapter"}))
    register(Provider(name="many", title="Many", adapters={"v1": "acme:ManyAdapter"}))


def registry() -> Registry:
    """Give a registry that knows Acme and Many alone."""
    return Registry(entry_points=[EntryPoint("acme", "acme", "taskferry")], disabled="")


def ferry(home: Path, *, environ: Mapping[str, str] | None = None, **settings: Any) -> Ferry:
    """Give a ferry for Acme with a key, in a home of its own."""
    return Ferry(home=home, registry=registry(), environ={"ACME_KEY": "sesame", **(environ or {})}, **settings)
