"""Cases about refusals: error replies by HTTP status, by envelope, and what is none."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from taskferry.errors import Failure, FailureKind
from taskferry.reply import Reply
from taskferry.status import Status
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.bodies import fresh, json_of, leaves
from taskferry.testing.contract.requiring import require, shown, skip, told
from taskferry.text import clean

_DOWN = frozenset(
    {
        FailureKind.UNAVAILABLE,
        FailureKind.PROVIDER,
        FailureKind.RATE_LIMITED,
        FailureKind.TIMEOUT,
        FailureKind.MALFORMED,
    }
)
_KINDS: Mapping[int, frozenset[FailureKind]] = MappingProxyType(
    {
        401: frozenset({FailureKind.AUTH}),
        429: frozenset({FailureKind.RATE_LIMITED, FailureKind.UNAVAILABLE}),
        **dict.fromkeys((500, 502, 503, 504), _DOWN),
    }
)
"""What an HTTP status means whatever the provider."""
_BODIES = (b"", b"{}", b"[]", b"null", b'"no"', b"<html><h1>Sorry</h1></html>", b"\xff\xfe\x00", b'{"error": [1, {}]}')
_PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>" + b"<p>sorry</p>" * 400


class FailureCases(Contract):
    """What `failure` makes of replies."""

    def test_documented_replies_are_no_failures(self) -> None:
        """A create reply and a status reply are none, not even that of a job which failed."""
        for of in self.subject.operations:
            for reply in (*of.created, *(reply for look in of.looks.values() for reply in look)):
                failed = self._failure(reply)
                require(
                    failed is None,
                    f"good-reply: failure() takes a documented reply for a refusal: {shown(failed)}; a failed job is "
                    "no failed call: give None, and a Failure in fetch's Observation",
                )

    def test_documented_refusals(self) -> None:
        """An error reply is a failure with the provider's own message and code, also under HTTP 200."""
        if not self.subject.samples.refused:
            skip("no sample of an error reply; give `refused`")
        for reply in self.subject.samples.refused:
            failed = self._failure(reply)
            require(
                failed is not None,
                f"error-envelope: failure() gives None for the documented error under HTTP {reply.status}: "
                f"{clean(reply.content.decode('utf-8', 'replace'), 120)}; read the envelope, also under HTTP 200",
            )
            assert failed is not None, "it was required"
            texts = [value for _, value in leaves(json_of(reply)) if isinstance(value, str) and " " in value]
            require(
                not texts or any(clean(text) in failed.message for text in texts),
                f"error-envelope: the message is {failed.message!r} and the provider said "
                f"{texts[0] if texts else ''!r}; "
                "give failure_from_status the path to the message",
            )
            require(
                isinstance(failed.code, str | None),
                f"error-envelope: the code is {failed.code!r}; it has to be text: make failures with failure()",
            )

    def test_4xx(self) -> None:
        """Every HTTP status from 400 is a failure that names it, whatever the body."""
        self._every_status((400, 401, 403, 404, 409, 413, 418, 422, 451))

    def test_5xx(self) -> None:
        """A server's error is temporary, and never taken for a job that does not exist or for wrong parameters."""
        self._every_status((500, 502, 503, 504, 529))

    def test_429_with_retry_after(self) -> None:
        """A rate limit is a failure that may be tried again, when the provider says."""
        failed = self._failure(Reply(429, b"{}", {"retry-after": "7"}))
        require(
            failed is not None and failed.retryable and failed.kind in _KINDS[429],
            f"rate-limit: HTTP 429 is {shown(failed)}; it has to be rate_limited and retryable",
        )
        require(
            failed is not None and failed.retry_after == 7,
            f"rate-limit: Retry-After: 7 is read as {failed and failed.retry_after}; make failures with failure(), "
            "which reads it",
        )

    def test_html_error_page(self) -> None:
        """A gateway's page becomes a short failure without markup."""
        failed = self._failure(Reply(502, _PAGE, {"content-type": "text/html"}))
        require(
            failed is not None and "<" not in failed.message and len(failed.message) < 500,
            f"html-error: of a gateway's page came {shown(failed)}; make failures with failure_from_status(), which "
            "leaves pages out",
        )

    def test_moderation_is_an_end_of_its_own(self) -> None:
        """A job that content rules stopped is moderated, not failed; and only ends of that sort carry a failure."""
        for of in self.subject.operations:
            for word, _, seen in self.subject.statuses(of):
                moderated = seen.failure is not None and seen.failure.kind is FailureKind.MODERATED
                require(
                    not moderated or seen.status is Status.MODERATED,
                    f"moderated: {word!r} is {seen.status} with a failure of kind moderated; give Status.MODERATED, or "
                    "agents send the same again",
                )
                ended = seen.status is not None and seen.status.terminal and not seen.status.ok
                require(
                    seen.failure is None or ended,
                    f"moderated: {word!r} is {seen.status} and carries a failure; give one only with an end without "
                    "success",
                )

    def _every_status(self, statuses: tuple[int, ...]) -> None:
        for status in statuses:
            for body in _BODIES:
                failed = self._failure(Reply(status, body, {}))
                require(
                    failed is not None,
                    f"http-status: HTTP {status} with the body {shown(body)} is no failure; end failure() with "
                    "failure_from_status(reply)",
                )
                assert failed is not None, "it was required"
                allowed = _KINDS.get(status, frozenset(FailureKind))
                require(
                    failed.kind in allowed,
                    f"http-status: HTTP {status} is {failed.kind}; it means {' or '.join(sorted(allowed))}",
                )
                require(
                    failed.http_status == status and bool(failed.message.strip()),
                    f"http-status: of HTTP {status} came {shown(failed)}; give http_status and a message, as failure() "
                    "does",
                )

    def _failure(self, reply: Reply) -> Failure | None:
        try:
            return self.subject.adapter.failure(fresh(reply))
        except Exception as error:
            raise AssertionError(
                f"failure: failure() raised {told(error)} for HTTP {reply.status} and {shown(reply.content[:60])}; it "
                "judges every reply and raises nothing: catch MalformedReply of reply.json"
            ) from error
