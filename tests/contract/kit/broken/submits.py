"""Adapters that do something else with the billed call than making it once."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from contract.kit.breaking import Broken, parameter
from contract.kit.sound import Sound
from taskferry import Accepted, Call, Failure, FailureKind, ProviderError, Reply, ReplyLost, UsageError, WireError


class CreatesForFree(Broken):
    """The billed call says that it is free."""

    caught_by = "test_create_is_one_call"

    def submit(self, request: Any) -> Any:
        reply = yield Call.post("/jobs", json=dict(request.parameters), free=True)
        return Accepted(remote={"id": reply.at("id", str)})


class CreatesTwice(Broken):
    """Two billed calls for one job."""

    caught_by = "test_create_is_one_call"

    def submit(self, request: Any) -> Any:
        yield Call.create("/jobs", json={"dry": True})
        return (yield from super().submit(request))


class NoGenerator(Broken):
    """The submit is no generator."""

    caught_by = "test_create_is_one_call"

    def submit(self, request: Any) -> Any:
        return Accepted(remote={"id": "7"})


class TriesAgain(Broken):
    """A lost reply is taken for a call that was not sent."""

    caught_by = "test_dropped_create_reply"

    def submit(self, request: Any) -> Any:
        try:
            reply = yield Call.create("/jobs", json=dict(request.parameters))
        except ReplyLost:
            reply = yield Call.create("/jobs", json=dict(request.parameters))
        return Accepted(remote={"id": reply.at("id", str)})


class MakesUpAnId(Broken):
    """A lost reply is replaced by an id of our own."""

    caught_by = "test_lost_create_is_unconfirmed"

    def submit(self, request: Any) -> Any:
        try:
            return (yield from super().submit(request))
        except WireError:
            return Accepted(remote={"id": request.task_id})


class TrustsServerErrors(Broken):
    """The service says that HTTP 502 means not taken."""

    caught_by = "test_create_server_error_is_unconfirmed"
    service = evolve(Sound.service, not_accepted=(429, 502))


class TakesPagesForAccepted(Broken):
    """Whatever is answered, the job is taken for accepted."""

    caught_by = "test_create_reply_that_is_none"

    def submit(self, request: Any) -> Any:
        reply = yield Call.create("/jobs", json=dict(request.parameters))
        try:
            return Accepted(remote={"id": reply.at("id", str)})
        except WireError:
            return Accepted(remote={"id": "unknown"})


class CreatesAgainAfterRefusal(Broken):
    """A refusal is answered by another create."""

    caught_by = "test_refused_create"

    def submit(self, request: Any) -> Any:
        try:
            return (yield from super().submit(request))
        except ProviderError:
            return (yield from super().submit(request))


class RateLimitIsValidation(Broken):
    """HTTP 429 is taken for parameters that are wrong."""

    caught_by = "test_create_that_was_not_taken"

    def failure(self, reply: Reply) -> Failure | None:
        if reply.status == 429:
            return Failure.of(FailureKind.VALIDATION, "Too many.")
        return super().failure(reply)


class EmptyId(Broken):
    """An id is kept that is not there."""

    caught_by = "test_create_reply_without_an_id"

    def submit(self, request: Any) -> Any:
        reply = yield Call.create("/jobs", json=dict(request.parameters))
        return Accepted(remote={"id": reply.json.get("id")})


class UntypedId(Broken):
    """A missing id is a KeyError."""

    caught_by = "test_create_reply_without_an_id"

    def submit(self, request: Any) -> Any:
        reply = yield Call.create("/jobs", json=dict(request.parameters))
        return Accepted(remote={"id": reply.json["id"]})


class ForgetsAParameter(Broken):
    """A parameter is offered and never sent."""

    caught_by = "test_every_parameter_is_sent"
    operations = parameter("seed", type="integer", minimum=0, maximum=99, description="The seed.")

    def submit(self, request: Any) -> Any:
        wanted = {name: value for name, value in request.parameters.items() if name != "seed"}
        return (yield from super().submit(evolve(request, parameters=wanted)))


class ChangesTheRequest(Broken):
    """The caller's parameters are changed on the way."""

    caught_by = "test_request_is_left_alone"

    def submit(self, request: Any) -> Any:
        request.parameters.setdefault("count", 1)
        request.parameters["n"] = request.parameters.pop("count")
        return (yield from super().submit(request))


class RefusesLostReplies(Broken):
    """A lost reply becomes a job of an error that says nothing was sent, with a second create beside it."""

    caught_by = "test_dropped_create_reply"

    def submit(self, request: Any) -> Any:
        for _ in range(3):
            try:
                return (yield from super().submit(request))
            except WireError:
                continue
        raise UsageError("It could not be sent.")


class GivesUpAtRateLimits(Broken):
    """HTTP 429 is an error for good."""

    caught_by = "test_rate_limited_create_goes_on"

    def failure(self, reply: Reply) -> Failure | None:
        failed = super().failure(reply)
        return evolve(failed, retryable=False) if failed is not None and reply.status == 429 else failed
