"""Adapters that expect replies to be as documented."""

from __future__ import annotations

import json
from typing import Any

from attrs import evolve

from contract.kit.breaking import Broken
from contract.kit.sound import STATUS, observation
from taskferry import Call, MalformedReply, Observation, ProviderError, Reply, ReplyLost, Status, WireError, dig


class Reads(Broken):
    """Makes of a reply what the sound adapter does, and then something more."""

    def fetch(self, remote: Any) -> Any:
        reply = yield Call.get("/jobs/{id}", **remote)
        return self.read(reply)

    def read(self, reply: Reply) -> Any:
        return observation(reply)


class TextAsProgress(Reads):
    """Progress is text."""

    caught_by = "test_documented_replies_are_read_soundly"

    def read(self, reply: Reply) -> Any:
        return evolve(observation(reply), progress=f"{dig(reply.json, 'percent')} %")


class PreparedAgain(Reads):
    """A job that waits is given a status from before it was sent."""

    caught_by = "test_documented_replies_are_read_soundly"

    def read(self, reply: Reply) -> Any:
        seen = observation(reply)
        return evolve(seen, status=Status.PREPARED) if seen.status is Status.QUEUED else seen


class NeedsEveryField(Reads):
    """A missing field is a KeyError."""

    caught_by = "test_missing_fields"

    def read(self, reply: Reply) -> Any:
        seen = observation(reply)
        return evolve(seen, trace_id=str(reply.json["id"]))


class NullIsNoNumber(Reads):
    """A null where a number is documented is a TypeError."""

    caught_by = "test_null_fields"

    def read(self, reply: Reply) -> Any:
        return evolve(observation(reply), queue_position=reply.json.get("ahead", 0) + 0)


class PassesTypesThrough(Reads):
    """Whatever stands where a number is documented is passed on."""

    caught_by = "test_wrong_types"

    def read(self, reply: Reply) -> Any:
        return evolve(observation(reply), eta=dig(reply.json, "ahead"))


class ComparesAnything(Reads):
    """Text where a number is documented is a TypeError."""

    caught_by = "test_wrong_types"

    def read(self, reply: Reply) -> Any:
        ahead = reply.json.get("ahead") or 0
        return evolve(observation(reply), queue_position=ahead if ahead > 0 else None)


class InsistsOnDetails(Reads):
    """A finished job without its percentage is not seen."""

    caught_by = "test_missing_details_hide_no_result"

    def read(self, reply: Reply) -> Any:
        if reply.at("state", str) == "done":
            reply.at("percent", float)
        return observation(reply)


class ExpectsAnObject(Reads):
    """A body that is no object is an AttributeError."""

    caught_by = "test_body_that_is_no_object"

    def read(self, reply: Reply) -> Any:
        if reply.json.get("state") in STATUS:
            return observation(reply)
        raise MalformedReply("There is no state.")


class PagesAreFailures(Reads):
    """A page in a reply's place ends the job."""

    caught_by = "test_html_under_200"

    def read(self, reply: Reply) -> Any:
        return Observation(status=Status.FAILED) if b"<html" in reply.content.lower() else observation(reply)


class ReadsBytes(Reads):
    """The body is decoded by hand."""

    caught_by = "test_truncated_body"

    def read(self, reply: Reply) -> Any:
        if reply.content.startswith(b"{"):
            json.loads(reply.content)
        return observation(reply)


class FailsOnWireErrors(Broken):
    """A look that brought nothing ends the job."""

    caught_by = "test_huge_body"

    def fetch(self, remote: Any) -> Any:
        try:
            reply = yield Call.get("/jobs/{id}", **remote)
        except MalformedReply:
            return Observation(status=Status.FAILED)
        return observation(reply)


class FailsOnLostLooks(Broken):
    """A look whose reply was lost ends the job."""

    caught_by = "test_lost_replies_end_nothing"

    def fetch(self, remote: Any) -> Any:
        try:
            reply = yield Call.get("/jobs/{id}", **remote)
        except ReplyLost:
            return Observation(status=Status.EXPIRED)
        return observation(reply)


class FailsOnBadLooks(Broken):
    """Any error of a look ends the job."""

    caught_by = "test_bad_looks_end_nothing"

    def fetch(self, remote: Any) -> Any:
        try:
            reply = yield Call.get("/jobs/{id}", **remote)
        except (WireError, ProviderError):
            return Observation(status=Status.FAILED)
        return observation(reply)


class PercentAsItIs(Reads):
    """Progress is not scaled."""

    caught_by = "test_progress_is_a_share"

    def read(self, reply: Reply) -> Any:
        percent = dig(reply.json, "percent")
        return evolve(observation(reply), progress=percent if isinstance(percent, int | float) else None)


class RemembersProgress(Reads):
    """The highest progress of any job is held for all."""

    caught_by = "test_progress_is_that_of_the_look"

    def read(self, reply: Reply) -> Any:
        seen = observation(reply)
        if seen.progress is None:
            return seen
        self.__dict__["highest"] = max(self.__dict__.get("highest", 0.0), seen.progress)
        return evolve(seen, progress=self.__dict__["highest"])


class FallIsFailure(Reads):
    """A job whose progress falls has failed."""

    caught_by = "test_progress_never_falls"

    def read(self, reply: Reply) -> Any:
        seen = observation(reply)
        before, self.__dict__["last"] = self.__dict__.get("last"), seen.progress
        fell = before is not None and seen.progress is not None and seen.progress < before
        return evolve(seen, status=Status.FAILED) if fell else seen
