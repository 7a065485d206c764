"""Adapters that do more than yielding calls."""

from __future__ import annotations

import os
import random
import socket
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from attrs import evolve

from contract.kit.breaking import Broken
from contract.kit.sound import observation
from taskferry import Call

SEEN: list[str] = []


class OpensAFile(Broken):
    """A submit reads a file."""

    caught_by = "test_no_input_or_output"

    def submit(self, request: Any) -> Any:
        with Path(__file__).open() as file:
            file.readline()
        return (yield from super().submit(request))


class OpensASocket(Broken):
    """A look opens a socket."""

    caught_by = "test_no_input_or_output"

    def fetch(self, remote: Any) -> Any:
        with socket.socket():
            seen = yield from super().fetch(remote)
        return seen


class ImportsAClient(Broken):
    """A look imports an HTTP client."""

    caught_by = "test_no_input_or_output"

    def fetch(self, remote: Any) -> Any:
        import http.client  # noqa: F401 -- that is the fault

        return (yield from super().fetch(remote))


class ReadsTheEnvironment(Broken):
    """A submit reads a variable."""

    caught_by = "test_no_input_or_output"

    def submit(self, request: Any) -> Any:
        os.environ.get("SOUND_REGION")
        return (yield from super().submit(request))


class ReadsAClock(Broken):
    """A look dates its results by the machine's clock."""

    caught_by = "test_no_clock"

    def fetch(self, remote: Any) -> Any:
        seen = yield from super().fetch(remote)
        ends = time.time() + 3600
        return evolve(seen, artifacts=[evolve(one, expires_at=ends) for one in seen.artifacts])


class AsksForNow(Broken):
    """A submit sends the date."""

    caught_by = "test_no_clock"

    def submit(self, request: Any) -> Any:
        wanted = {**request.parameters, "sent": datetime.now(UTC).date().isoformat()}
        return (yield from super().submit(evolve(request, parameters=wanted)))


class Sleeps(Broken):
    """A look waits."""

    caught_by = "test_no_clock"

    def fetch(self, remote: Any) -> Any:
        time.sleep(0)
        return (yield from super().fetch(remote))


class ThrowsDice(Broken):
    """A submit takes an idempotency key by chance."""

    caught_by = "test_same_in_same_out"

    def submit(self, request: Any) -> Any:
        return (yield from super().submit(evolve(request, task_id=str(uuid.uuid4()))))


class RandomSeed(Broken):
    """A submit takes a seed by chance."""

    caught_by = "test_same_in_same_out"

    def submit(self, request: Any) -> Any:
        wanted = {**request.parameters, "seed": random.randrange(2**31)}
        return (yield from super().submit(evolve(request, parameters=wanted)))


class Counts(Broken):
    """A submit numbers its jobs."""

    caught_by = "test_same_in_same_out"

    def submit(self, request: Any) -> Any:
        self.__dict__["count"] = self.__dict__.get("count", 0) + 1
        wanted = {**request.parameters, "number": self.__dict__["count"]}
        return (yield from super().submit(evolve(request, parameters=wanted)))


class SharesTheReply(Broken):
    """A look keeps its reply in the adapter while it goes on."""

    caught_by = "test_no_state_between_exchanges"

    def fetch(self, remote: Any) -> Any:
        self.__dict__["word"] = None
        reply = yield Call.get("/jobs/{id}", **remote)
        self.__dict__["word"] = self.__dict__["word"] or reply.at("state", str)
        return evolve(observation(reply), provider_status=self.__dict__["word"])


class CountsInTheClass(Broken):
    """A class keeps the ids of all jobs."""

    caught_by = "test_nothing_is_kept"
    ids: ClassVar[list[str]] = []

    def submit(self, request: Any) -> Any:
        accepted = yield from super().submit(request)
        self.ids.append(accepted.remote["id"])
        return accepted


class CountsInTheModule(Broken):
    """A module keeps the ids of all jobs."""

    caught_by = "test_nothing_is_kept"

    def fetch(self, remote: Any) -> Any:
        SEEN.append(remote["id"])
        return (yield from super().fetch(remote))


class WillNotClose(Broken):
    """A look goes on after it was left."""

    caught_by = "test_exchanges_can_be_left"

    def fetch(self, remote: Any) -> Any:
        try:
            reply = yield Call.get("/jobs/{id}", **remote)
        except GeneratorExit:
            reply = yield Call.get("/jobs/{id}", **remote)
        return observation(reply)
