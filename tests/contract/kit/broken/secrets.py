"""Adapters that let the key go where it should not."""

from __future__ import annotations

import os
from typing import Any

from attrs import evolve

from contract.kit.breaking import Broken
from contract.kit.sound import CREATED, Sound, observation
from taskferry import Accepted, Call, Failure, Reply, Service, failure, status_kind


class PlainHttp(Broken):
    """The provider is reached over plain HTTP."""

    caught_by = "test_service"
    service = Service(base_url="http://api.sound.example/v1/", key_variables=("SOUND_API_KEY",))


class NoVariable(Broken):
    """No variable holds the key."""

    caught_by = "test_service"
    service = Service(base_url="https://api.sound.example/v1")


class AnyHost(Broken):
    """The key may go to every host of a whole domain of strangers."""

    caught_by = "test_hosts_are_the_provider_s_own"
    service = evolve(Sound.service, hosts=("*.com",))


class KeyForForeignFiles(Broken):
    """Results at a stranger's host want the key."""

    caught_by = "test_key_stays_with_the_provider"

    def fetch(self, remote: Any) -> Any:
        seen = yield from super().fetch(remote)
        return evolve(seen, artifacts=[evolve(one, needs_key=True) for one in seen.artifacts])


class SignsForeignCalls(Broken):
    """A further read goes to a stranger's host with the key."""

    caught_by = "test_key_stays_with_the_provider"

    def fetch(self, remote: Any) -> Any:
        reply = yield Call.get("/jobs/{id}", **remote)
        yield Call.get("https://status.elsewhere.example/jobs/7")
        return observation(reply)


class KeepsHeaders(Broken):
    """All headers of the create reply are kept in `remote`."""

    caught_by = "test_no_secret_in_remote_and_results"

    def submit(self, request: Any) -> Any:
        reply = yield Call.create("/jobs", json=dict(request.parameters))
        return Accepted(remote={"id": reply.at("id", str), "headers": dict(reply.headers)})


class ShowsHeaders(Broken):
    """A look's headers are shown as its trace id."""

    caught_by = "test_no_secret_in_remote_and_results"

    def fetch(self, remote: Any) -> Any:
        reply = yield Call.get("/jobs/{id}", **remote)
        return evolve(observation(reply), trace_id=str(dict(reply.headers)))


class TellsHeaders(Broken):
    """A failure tells all headers."""

    caught_by = "test_no_secret_in_errors"

    def failure(self, reply: Reply) -> Failure | None:
        if reply.status < 400:
            return super().failure(reply)
        usual = super().failure(reply)
        message = f"{usual.message if usual else 'Refused.'} {dict(reply.headers)}"
        return failure(reply, status_kind(reply.status), message=message, code=usual.code if usual else None)


class LooksForTheKey(Broken):
    """The adapter finds the key by itself and keeps it."""

    caught_by = "test_no_secret_in_the_adapter"

    def __init__(self) -> None:
        self.headers = {"authorization": os.environ.get("SOUND_API_KEY", "")}


class FollowsGivenAddresses(Broken):
    """Addresses that the provider gave are followed to every host of a domain of strangers."""

    caught_by = "test_given_addresses_are_checked"
    service = evolve(Sound.service, hosts=("*.example",))
    given = {"created": {**CREATED, "status_url": "https://one.jobs.sound.example/7"}}  # noqa: RUF012 -- read only

    def submit(self, request: Any) -> Any:
        reply = yield Call.create("/jobs", json=dict(request.parameters))
        return Accepted(remote={"id": reply.at("id", str), "status_url": reply.at("status_url", str)})

    def fetch(self, remote: Any) -> Any:
        return observation((yield Call.get(remote["status_url"])))
