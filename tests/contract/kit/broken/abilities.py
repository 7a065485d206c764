"""Adapters whose optional methods break their own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.kit.breaking import Broken
from contract.kit.sound import observation
from taskferry import Call, CancelOutcome, Candidate, Failure, FailureKind, ProviderError, ReplyLost, TaskferryError


class CancelsForMoney(Broken):
    """A cancel counts as a billed call."""

    caught_by = "test_cancel"

    def cancel(self, remote: Any) -> Any:
        yield Call.post("/jobs/{id}/stop", **remote)
        return CancelOutcome.ACCEPTED


class CancelsWithTruth(Broken):
    """A cancel gives true."""

    caught_by = "test_cancel"

    def cancel(self, remote: Any) -> Any:
        yield Call.post("/jobs/{id}/stop", free=True, **remote)
        return True


class AlwaysCancelled(Broken):
    """A cancel that came too late counts as taken."""

    caught_by = "test_cancel_after_the_end"

    def cancel(self, remote: Any) -> Any:
        try:
            yield Call.post("/jobs/{id}/stop", free=True, **remote)
        except ProviderError:
            return CancelOutcome.ACCEPTED
        return CancelOutcome.ACCEPTED


class CancelsAgain(Broken):
    """A cancel whose reply was lost counts as taken."""

    caught_by = "test_cancel_whose_reply_is_lost"

    def cancel(self, remote: Any) -> Any:
        try:
            yield Call.post("/jobs/{id}/stop", free=True, **remote)
        except ReplyLost:
            return CancelOutcome.ACCEPTED
        return CancelOutcome.ACCEPTED


class ListsMilliseconds(Broken):
    """Listed jobs have times in milliseconds."""

    caught_by = "test_recent"

    def recent(self, request: Any) -> Any:
        found = yield from super().recent(request)
        return [Candidate(remote=one.remote, prompt=one.prompt, created_at=one.created_at * 1000) for one in found]


class ListsOtherRemotes(Broken):
    """Listed jobs have a remote that no look takes."""

    caught_by = "test_recent"

    def recent(self, request: Any) -> Any:
        found = yield from super().recent(request)
        return [Candidate(remote={"job": one.remote["id"]}, prompt=one.prompt) for one in found]


class ListNeedsJobs(Broken):
    """A listing without jobs is a KeyError."""

    caught_by = "test_recent_of_nothing"

    def recent(self, request: Any) -> Any:
        reply = yield Call.get("/jobs")
        return [Candidate(remote={"id": job["id"]}) for job in reply.json["jobs"]]


class LeavesOutMissing(Broken):
    """Jobs that a reply lacks are left out of the list."""

    caught_by = "test_many_looks"

    def fetch_many(self, remotes: Any) -> Any:
        reply = yield Call.query("/jobs/list", json={"ids": [remote["id"] for remote in remotes]})
        found = reply.json.get("jobs", {}) if isinstance(reply.json, dict) else {}
        return [observation(reply) for remote in remotes if remote["id"] in found]


class NoLimit(Broken):
    """How many looks go together is not said."""

    caught_by = "test_many_looks"
    fetch_many_limit = 0


class OtherPlainIds(Broken):
    """A plain id gives a remote that no look takes."""

    caught_by = "test_plain_ids"

    def remote_from_id(self, text: str, request: Any) -> Any:
        return {"job": text}


class TakesAnyWebhook(Broken):
    """The signature is not looked at."""

    caught_by = "test_webhook_with_a_wrong_signature"

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, secret: str, now: float) -> Any:
        return {"id": "7"}


class TellsTheSecret(Broken):
    """The error of a wrong signature tells the secret."""

    caught_by = "test_webhook_with_a_wrong_signature"

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, secret: str, now: float) -> Any:
        try:
            return super().verify_webhook(headers, body, secret, now)
        except TaskferryError as error:
            raise ProviderError(Failure.of(FailureKind.AUTH, f"Not signed with {secret}.")) from error
