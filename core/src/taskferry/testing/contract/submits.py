"""Cases about the billed call: exactly one, sent at most once, and what its replies mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from taskferry.adapter import Accepted, Request
from taskferry.call import Call, Purpose
from taskferry.errors import InvalidParameters, ReplyLost
from taskferry.exchange import NotReceived, Refused, Unconfirmed
from taskferry.parameters import validate
from taskferry.reply import Reply
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.bodies import json_of, leaves, name_of, replaced, with_body, without
from taskferry.testing.contract.driving import drive
from taskferry.testing.contract.requiring import require, shown, told
from taskferry.testing.contract.samples import OperationSamples
from taskferry.testing.contract.sound import is_empty
from taskferry.testing.contract.subject import TASK_ID
from taskferry.testing.contract.values import values_of
from taskferry.testing.contract.world import Given, World
from taskferry.text import clean

_PAGE = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"
_ADVICE = "let the error pass"


class SubmitCases(Contract):
    """How a job is begun."""

    def test_create_is_one_call(self) -> None:
        """A submit makes exactly one billed call, `Call.create`, and takes the documented reply."""
        for of in self.subject.operations:
            self.subject.accepted(of)
            calls = self.subject.submit(of).calls
            creates = [call for call in calls if call.purpose is Purpose.CREATE]
            require(
                len(creates) == 1,
                f"one-create: {of.operation.name}: a submit makes {len(creates)} billed calls ({shown(list(calls))}); "
                "make one Call.create, mark uploads as free, and retry nothing",
            )
            posted = [call for call in calls if call.method == "POST" and call.purpose is Purpose.READ]
            require(not posted, f"one-create: {posted} is a POST that says it reads; use Call.create, or free=True")
        world = World(self.subject, self.subject.first)
        outcome = world.submit()
        require(
            isinstance(outcome, Accepted) and world.count("create") == 1,
            f"one-create: through the driver a submit came to {shown(outcome)} with {world.count('create')} creates",
        )

    def test_dropped_create_reply(self) -> None:
        """A billed call whose reply is lost is never sent again: the job is unconfirmed."""
        for of in self.subject.operations:
            answers = self.subject.submit_answers([ReplyLost("The reply never came.")])
            driven = drive(self.subject.adapter.submit(self.subject.request(of)), answers, self.subject.adapter.failure)
            creates = sum(call.purpose is Purpose.CREATE for call in driven.calls)
            require(creates == 1, f"dropped-reply: a submit whose reply was lost makes {creates} creates; {_ADVICE}")
        for error in (httpx.ReadError("gone"), httpx.RemoteProtocolError("broken")):
            self._becomes(error, Unconfirmed, "dropped-reply", f"the reply was lost ({type(error).__name__})")

    def test_create_server_error_is_unconfirmed(self) -> None:
        """A server that breaks may have taken the job: nothing claims that it did not, and nothing is sent again."""
        service = self.subject.adapter.service
        sure = [status for status in (408, 500, 502, 504) if status in service.not_accepted]
        require(not sure, f"server-error: service.not_accepted has {sure}, which prove nothing; leave them out")
        self._becomes(Reply(502, _PAGE), Unconfirmed, "server-error", "the create was answered with HTTP 502")

    def test_create_reply_that_is_none(self) -> None:
        """A reply under HTTP 200 that cannot be read leaves the job unconfirmed, never refused."""
        for body in (_PAGE, b"", self.subject.first.created[-1].content[:-2] or b"{"):
            self._becomes(
                Reply(200, body), Unconfirmed, "create-reply", f"the create was answered with {shown(body[:40])}"
            )

    def test_refused_create(self) -> None:
        """A refusal ends the submit: nothing is tried again, and nothing is made of it but a refusal."""
        given = [
            reply for reply in self.subject.samples.refused if reply.status not in (408, 429) and reply.status < 500
        ]
        for reply in given or [Reply(400, b"{}")]:
            self._becomes(reply, (Refused, NotReceived), "refused", f"the create was refused (HTTP {reply.status})")

    def test_create_that_was_not_taken(self) -> None:
        """HTTP 429 to a create means what the service documents: not taken, or unclear."""
        allowed = (NotReceived,) if 429 in self.subject.adapter.service.not_accepted else (Refused, Unconfirmed)
        reply = Reply(429, b"{}", {"retry-after": "7"})
        self._becomes(reply, allowed, "rate-limited", "the create was answered with HTTP 429")

    def test_create_reply_without_an_id(self) -> None:
        """A create reply that lacks what finds the job again is malformed: an id is never made up or left empty."""
        for of in self.subject.operations:
            for place, path in _leaves(of.created):
                for body in _spoiled(of.created[place], path):
                    created = [*of.created[:place], with_body(of.created[place], body), *of.created[place + 1 :]]
                    self._without_id(of, created, name_of(path))

    def test_every_parameter_is_sent(self) -> None:
        """What a caller can set changes the calls of a submit."""
        for of in self.subject.operations:
            for name, schema in of.operation.parameters.get("properties", {}).items():
                if name in self.not_sent:
                    continue
                sent = list(self._sent(of, name, schema))
                require(
                    len(sent) < 2 or any(calls != sent[0] for calls in sent[1:]),
                    f"parameters: {of.operation.name}: {name!r} changes nothing in any call; send it, take it out "
                    "of the "
                    "schema, or name it in `not_sent`",
                )

    def test_request_is_left_alone(self) -> None:
        """A submit changes nothing in the caller's parameters."""
        for of in self.subject.operations:
            request = self.subject.request(of)
            before = repr(request.parameters)
            drive(
                self.subject.adapter.submit(request),
                self.subject.submit_answers(of.created),
                self.subject.adapter.failure,
            )
            require(
                repr(request.parameters) == before,
                f"request: {of.operation.name}: submit changed request.parameters to {shown(request.parameters)}; "
                "work on a copy: dict(request.parameters)",
            )

    def _becomes(self, given: Given, expected: Any, rule: str, what: str) -> None:
        world = World(self.subject, self.subject.first, creates=[given])
        outcome = world.submit()
        names = " or ".join(one.__name__ for one in (expected if isinstance(expected, tuple) else (expected,)))
        require(
            world.count("create") == 1,
            f"{rule}: {what}, and {world.count('create')} creates went out; retry nothing in an adapter",
        )
        require(isinstance(outcome, expected), f"{rule}: {what}, which became {shown(outcome)}, not {names}; {_ADVICE}")

    def _without_id(self, of: OperationSamples, created: Sequence[Reply], where: str) -> None:
        driven = self.subject.submit(of, created)
        require(
            driven.typed,
            f"create-id: a create reply that is wrong in {where!r} raised "
            f"{told(driven.error) if driven.error else ''}; "
            "read ids with reply.at(path, str), which raises MalformedReply",
        )
        accepted = driven.result
        require(
            not isinstance(accepted, Accepted) or not is_empty(accepted.remote),
            f"create-id: a create reply that is wrong in {where!r} was taken, with the remote "
            f"{shown(accepted.remote) if isinstance(accepted, Accepted) else None}; read ids with reply.at(path, str)",
        )

    def _sent(self, of: OperationSamples, name: str, schema: Any) -> Iterator[str]:
        base = {key: value for key, value in of.parameters.items() if key != name}
        known = [of.parameters[name]] if name in of.parameters else []
        for given in ({}, *({name: value} for value in (*known, *values_of(schema)))):
            try:
                parameters = validate(of.operation, {**base, **given})
            except InvalidParameters:
                continue
            request = Request(task_id=TASK_ID, operation=of.operation, parameters=parameters)
            adapter = self.subject.adapter
            driven = drive(adapter.submit(request), self.subject.submit_answers(of.created), adapter.failure)
            if driven.calls:
                yield clean([_written(call) for call in driven.calls], 100_000)


def _written(call: Call) -> str:
    return f"{call.method} {call.path} {call.params} {call.json} {call.headers} {call.files} {call.body_file}"


def _leaves(created: Sequence[Reply]) -> Iterator[tuple[int, Any]]:
    for place, reply in enumerate(created):
        for path, _ in leaves(json_of(reply)):
            yield place, path


def _spoiled(reply: Reply, path: Any) -> list[Any]:
    body = json_of(reply)
    return [without(body, path), replaced(body, path, None)]
