"""Adapters that judge replies wrongly."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from contract.kit.breaking import Broken
from taskferry import Failure, FailureKind, Reply, Status, dig, failure, failure_from_status, status_kind


class FailedJobIsARefusal(Broken):
    """The body of a failed job is taken for a refused look."""

    caught_by = "test_documented_replies_are_no_failures"

    def failure(self, reply: Reply) -> Failure | None:
        if reply.ok and b'"error"' in reply.content:
            return failure(reply, FailureKind.PROVIDER, message=dig(reply.json, "error.message") or "No.")
        return super().failure(reply)


class OverlooksErrorsUnder200(Broken):
    """An error under HTTP 200 is taken for a good reply."""

    caught_by = "test_documented_refusals"

    def failure(self, reply: Reply) -> Failure | None:
        return failure_from_status(reply, message="error.message", code="error.code")


class HidesTheMessage(Broken):
    """The provider's message is not told."""

    caught_by = "test_documented_refusals"

    def failure(self, reply: Reply) -> Failure | None:
        failed = super().failure(reply)
        return None if failed is None else evolve(failed, message="Something went wrong.")


class NeedsAnEnvelope(Broken):
    """HTTP 404 without an envelope is taken for a good reply."""

    caught_by = "test_4xx"

    def failure(self, reply: Reply) -> Failure | None:
        if 400 <= reply.status < 429 and b'"error": {' not in reply.content:
            return None
        return super().failure(reply)


class RaisesOnBodies(Broken):
    """A refusal whose body is no object is an AttributeError."""

    caught_by = "test_4xx"

    def failure(self, reply: Reply) -> Failure | None:
        if reply.status == 404:
            return Failure.of(FailureKind.NOT_FOUND, reply.json.get("message") or "No.")
        return super().failure(reply)


class BrokenServerIsNotFound(Broken):
    """A server's error means that there is no such job."""

    caught_by = "test_5xx"

    def failure(self, reply: Reply) -> Failure | None:
        failed = super().failure(reply)
        return evolve(failed, kind=FailureKind.NOT_FOUND) if failed is not None and reply.status >= 500 else failed


class DropsRetryAfter(Broken):
    """What Retry-After says is not told."""

    caught_by = "test_429_with_retry_after"

    def failure(self, reply: Reply) -> Failure | None:
        failed = super().failure(reply)
        return None if failed is None else evolve(failed, retry_after=None)


class TellsPages(Broken):
    """A gateway's page becomes the message."""

    caught_by = "test_html_error_page"

    def failure(self, reply: Reply) -> Failure | None:
        if reply.status < 400:
            return super().failure(reply)
        message = dig_message(reply) or reply.content.decode("utf-8", "replace") or "No."
        return failure(reply, status_kind(reply.status), message=message)


def dig_message(reply: Reply) -> Any:
    """Give the message of an envelope, if there is one."""
    return dig(reply.json, "error.message") if b'"message"' in reply.content else None


class ModeratedIsFailed(Broken):
    """A job that content rules stopped has failed like any other."""

    caught_by = "test_moderation_is_an_end_of_its_own"
    given = {"statuses": {"nsfw": "failed", "stopped": "cancelled"}}  # noqa: RUF012 -- read only

    def fetch(self, remote: Any) -> Any:
        seen = yield from super().fetch(remote)
        return evolve(seen, status=Status.FAILED) if seen.status is Status.MODERATED else seen


class WaitsWithAFailure(Broken):
    """A job that waits carries a failure."""

    caught_by = "test_moderation_is_an_end_of_its_own"

    def fetch(self, remote: Any) -> Any:
        seen = yield from super().fetch(remote)
        waits = seen.status is Status.QUEUED
        return evolve(seen, failure=Failure.of(FailureKind.UNAVAILABLE, "Still waiting.")) if waits else seen
