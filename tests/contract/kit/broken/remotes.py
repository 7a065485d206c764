"""Adapters that keep too little, too much, or in the wrong place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from contract.kit.breaking import Broken
from contract.kit.sound import observation
from taskferry import Accepted, Call, MalformedReply


def accepted(reply: Any, **more: Any) -> Accepted:
    """Take a create reply, and keep more than its id."""
    return Accepted(remote={"id": reply.at("id", str), **more})


class KeepsADecimal(Broken):
    """`remote` holds what JSON cannot."""

    caught_by = "test_remote_is_json"

    def submit(self, request: Any) -> Any:
        return accepted((yield Call.create("/jobs", json=dict(request.parameters))), cost=Decimal("0.36"))


class KeepsATuple(Broken):
    """`remote` holds what JSON changes."""

    caught_by = "test_remote_is_json"

    def submit(self, request: Any) -> Any:
        return accepted((yield Call.create("/jobs", json=dict(request.parameters))), size=(1024, 768))


class KeepsEverything(Broken):
    """`remote` holds the whole request."""

    caught_by = "test_remote_is_json"

    def submit(self, request: Any) -> Any:
        return accepted((yield Call.create("/jobs", json=dict(request.parameters))), log="x" * 20_000)


class KeepsNoId(Broken):
    """`remote` holds the operation alone."""

    caught_by = "test_remote_names_one_job"

    def submit(self, request: Any) -> Any:
        reply = yield Call.create("/jobs", json=dict(request.parameters))
        reply.at("id", str)
        return Accepted(remote={"id": request.operation.name})


class LooksAtTheLatest(Broken):
    """The look asks for the latest job, whichever that is."""

    caught_by = "test_remote_finds_its_job"

    def fetch(self, remote: Any) -> Any:
        return observation((yield Call.get("/jobs/latest")))


class PastesIds(Broken):
    """The id is pasted into the path."""

    caught_by = "test_ids_cannot_change_the_path"

    def fetch(self, remote: Any) -> Any:
        return observation((yield Call.get(f"/jobs/{remote['id']}")))


class RemembersJobsInTheClass(Broken):
    """The provider's ids are kept in the class."""

    caught_by = "test_remote_resumes_in_a_fresh_process"
    jobs: ClassVar[dict[str, str]] = {}

    def submit(self, request: Any) -> Any:
        reply = yield Call.create("/jobs", json=dict(request.parameters))
        self.jobs[f"job-{reply.at('id', str)}"] = reply.at("id", str)
        return Accepted(remote={"job": f"job-{reply.at('id', str)}"})

    def fetch(self, remote: Any) -> Any:
        if remote.get("job") not in self.jobs:
            raise MalformedReply(f"{remote} is not known here.")
        return observation((yield Call.get("/jobs/{id}", id=self.jobs[remote["job"]])))


class RemembersJobsInTheInstance(Broken):
    """The provider's ids are kept in the adapter."""

    caught_by = "test_job_resumes_in_another_ferry"

    def submit(self, request: Any) -> Any:
        reply = yield Call.create("/jobs", json=dict(request.parameters))
        self.__dict__.setdefault("known", []).append(reply.at("id", str))
        return Accepted(remote={"id": reply.at("id", str)})

    def fetch(self, remote: Any) -> Any:
        if remote["id"] not in self.__dict__.get("known", ()):
            raise MalformedReply(f"{remote} is not known here.")
        return observation((yield Call.get("/jobs/{id}", **remote)))
