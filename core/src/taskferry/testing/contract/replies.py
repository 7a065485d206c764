"""Cases about status replies that are not as documented: parts missing, null or of another type, or no JSON at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from taskferry.errors import MalformedReply, ReplyLost, WireError
from taskferry.reply import Reply
from taskferry.status import Status
from taskferry.task import Observation
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.bodies import Path, at, json_of, leaves, name_of, parts, replaced, with_body, without
from taskferry.testing.contract.driving import Driven
from taskferry.testing.contract.requiring import require, shown, skip, told
from taskferry.testing.contract.samples import Look, OperationSamples
from taskferry.testing.contract.sound import problems
from taskferry.testing.contract.world import World
from taskferry.transport import REPLY_LIMIT

_OTHERS: tuple[Any, ...] = ("words", 7, -1, 1e300, True, [], [None], {}, {"a": 1})
_NO_OBJECTS = (b"null", b"true", b"7", b'"done"', b"[]", b"[[]]", b"")
_PAGE = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"


class ReplyCases(Contract):
    """What a look makes of replies that are not as documented."""

    def test_documented_replies_are_read_soundly(self) -> None:
        """What the documented replies are read as has the types and ranges that the contract says."""
        for of in self.subject.operations:
            for word, _, seen in self.subject.statuses(of):
                wrong = next(problems(seen), None)
                require(wrong is None, f"observation: {of.operation.name}, {word!r}: {wrong}")

    def test_missing_fields(self) -> None:
        """Whatever is missing, a look ends with an observation or with a typed error."""
        self._edited(lambda body, path: [without(body, path)], "missing-field", "without {}")

    def test_null_fields(self) -> None:
        """The same with null in a field's place."""
        self._edited(lambda body, path: [replaced(body, path, None)], "null-field", "with null in {}")

    def test_wrong_types(self) -> None:
        """The same with values of other types, which never come through as they are."""
        self._edited(_of_other_types, "wrong-type", "with another type in {}")

    def test_missing_details_hide_no_result(self) -> None:
        """A finished job is seen although a detail that its results do not need is missing."""
        for of in self.subject.operations:
            look, remote = self.subject.done(of), self.subject.remote(of)
            usual = self.subject.fetch(remote, look)
            for path, value in leaves(json_of(look[0])):
                driven = self.subject.fetch(remote, (_without(look[0], path), *look[1:]))
                if driven.error is not None and not _is_needed(value, path, of, usual):
                    raise AssertionError(
                        f"missing-detail: without {name_of(path)!r} a finished job is not seen: {told(driven.error)}; "
                        f"read it with reply.at({name_of(path)!r}, ..., default=None)"
                    )

    def test_body_that_is_no_object(self) -> None:
        """A body that is null, a list, a text or empty is malformed, and ends nothing."""
        self._bodies(_NO_OBJECTS, "no-object", "check the body's shape with reply.at(), which raises MalformedReply")

    def test_html_under_200(self) -> None:
        """A page in a reply's place is malformed, and ends nothing."""
        self._bodies((_PAGE,), "html", "leave MalformedReply to the driver: a later look shows how the job is")

    def test_truncated_body(self) -> None:
        """Half a reply is malformed, and ends nothing."""
        for of in self.subject.operations:
            content = self.subject.done(of)[0].content
            halves = [content[: len(content) * part // 4] for part in (1, 2, 3)] if len(content) > 1 else []
            self._bodies(halves, "truncated", "do not read a body piecemeal; reply.json raises MalformedReply")

    def test_huge_body(self) -> None:
        """A body beyond the limit, or nested without end, is an error of the wire, and ends nothing."""
        of = self.subject.first
        remote = self.subject.remote(of)
        if not of.word_paths:
            skip("the word is not in the body of a status reply")
        for body in (b" " * (REPLY_LIMIT + 1), b"[" * 100_000):
            try:
                seen = World(self.subject, of, looks=[[with_body(self.subject.done(of)[0], body)]]).fetch(remote)
            except WireError:
                continue
            self._still_open(of, seen, "huge-body", f"a body of {len(body):,} bytes", "let WireError pass")

    def test_lost_replies_end_nothing(self) -> None:
        """A look whose reply never came says nothing about the job."""
        for of in self.subject.operations:
            remote = self.subject.remote(of)
            for error in (ReplyLost("the reply never came"), MalformedReply("the reply was none")):
                driven = self.subject.fetch(remote, [error])
                if driven.typed and driven.error is not None:
                    continue
                self._still_open(of, driven.result, "lost-look", type(error).__name__, "let WireError pass")

    def _edited(self, edit: Callable[[Any, Path], list[Any]], rule: str, what: str) -> None:
        for of, look, place in _hops(self.subject.operations):
            remote, body = self.subject.remote(of), json_of(look[place])
            for path, _ in parts(body):
                for changed in edit(body, path):
                    replies = (*look[:place], with_body(look[place], changed), *look[place + 1 :])
                    driven = self.subject.fetch(remote, replies)
                    self._allowed(driven, rule, what.format(repr(name_of(path))))

    def _allowed(self, driven: Driven, rule: str, what: str) -> None:
        require(
            driven.typed,
            f"{rule}: a reply {what} raised {told(driven.error) if driven.error else ''}; read replies with reply.at() "
            "or dig(), or raise MalformedReply",
        )
        if driven.error is None:
            sound = isinstance(driven.result, Observation)
            wrong = (
                next(problems(driven.result, addresses=False), None)
                if sound
                else f"fetch returned {shown(driven.result)}"
            )
            require(wrong is None, f"{rule}: of a reply {what} came this: {wrong}")

    def _bodies(self, bodies: Any, rule: str, advice: str) -> None:
        for of in self.subject.operations:
            if not of.word_paths:
                continue  # the word is the HTTP status, and the body may be anything
            remote, look = self.subject.remote(of), self.subject.done(of)
            for body in bodies:
                driven = self.subject.fetch(remote, (with_body(look[0], body), *look[1:]))
                require(
                    driven.typed,
                    f"{rule}: the body {shown(body)} raised {told(driven.error) if driven.error else ''}; {advice}",
                )
                self._still_open(of, driven.result, rule, f"the body {shown(body)}", advice)

    def _still_open(self, of: OperationSamples, seen: Any, rule: str, what: str, advice: str) -> None:
        status: Status | None = seen.status if isinstance(seen, Observation) else None
        ended = status is not None and (status.terminal or status is not self.subject.samples.unknown)
        require(not ended, f"{rule}: {of.operation.name}: after {what} the job is {status}; {advice}")


def _hops(operations: Any) -> Iterator[tuple[OperationSamples, Look, int]]:
    for of in operations:
        for look in of.looks.values():
            for place in range(len(look)):
                yield of, look, place


def _of_other_types(body: Any, path: Path) -> list[Any]:
    usual = type(at(body, path))
    return [replaced(body, path, value) for value in _OTHERS if type(value) is not usual]


def _without(reply: Reply, path: Path) -> Reply:
    return with_body(reply, without(json_of(reply), path))


def _is_needed(value: Any, path: Path, of: OperationSamples, usual: Driven) -> bool:
    """Tell whether the results hang on a value: it is the word, a result's address, or a part of a further call."""
    if path in of.word_paths or not isinstance(usual.result, Observation):
        return True
    urls = [artifact.url or "" for artifact in usual.result.artifacts]
    further = [f"{call.path} {call.params} {call.json}" for call in usual.calls[1:]]
    return isinstance(value, str | int) and any(str(value) in text for text in (*urls, *further))
