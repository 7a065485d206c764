"""The contract kit on sound adapters: every case passes, and together they leave none out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve

from contract.kit.sound import CREATED, EXTRAS, REPLIES, Sound, observation
from contract.kit.uploading import Uploading
from taskferry import JSON, Accepted, Call, Candidate, Exchange, Observation, Request
from taskferry.testing import AdapterContract


class TestSound(AdapterContract):
    """The sound adapter keeps the contract."""

    adapter = Sound
    created = CREATED
    replies = REPLIES
    refused = EXTRAS["refused"]
    statuses = EXTRAS["statuses"]
    cancelled = EXTRAS["cancelled"]
    balance = EXTRAS["balance"]
    recent = EXTRAS["recent"]


UPLOADED = {"url": "https://files.sound.example/1"}
CREATED_ABROAD = {**CREATED, "status_url": "https://one.jobs.sound.example/7"}


class Following(Uploading):
    """Looks at the address that the provider gave."""

    def create(self, request: Request) -> Exchange[Accepted]:
        reply = yield Call.create("/jobs", json=dict(request.parameters))
        return Accepted(remote={"id": reply.at("id", str), "status_url": reply.at("status_url", str)})

    def fetch(self, remote: Any) -> Exchange[Observation]:
        return observation((yield Call.get(remote["status_url"])))

    def remote_from_id(self, text: str, request: Request) -> JSON:
        return {"id": text, "status_url": f"https://one.jobs.sound.example/{text}"}

    def recent(self, request: Request) -> Exchange[Sequence[Candidate]]:
        found = yield from super().recent(request)
        return [evolve(one, remote=self.remote_from_id(one.remote["id"], request)) for one in found]


class TestFollowing(AdapterContract):
    """So does one that uploads files and follows addresses."""

    adapter = Following
    created = CREATED_ABROAD
    replies = REPLIES
    uploaded = UPLOADED
    statuses = EXTRAS["statuses"]
    recent = EXTRAS["recent"]
