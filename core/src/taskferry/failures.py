"""Failures from replies: what an HTTP status means when the provider says no more, and how envelopes are read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from taskferry.errors import Failure, FailureKind, MalformedReply
from taskferry.reply import Reply, dig
from taskferry.text import clean

STATUS_KINDS: Mapping[int, FailureKind] = MappingProxyType(
    {
        400: FailureKind.VALIDATION,
        401: FailureKind.AUTH,
        402: FailureKind.FUNDS,
        403: FailureKind.FORBIDDEN,
        404: FailureKind.NOT_FOUND,
        405: FailureKind.VALIDATION,
        408: FailureKind.UNAVAILABLE,
        409: FailureKind.CONFLICT,
        410: FailureKind.NOT_FOUND,
        413: FailureKind.VALIDATION,
        415: FailureKind.VALIDATION,
        422: FailureKind.VALIDATION,
        423: FailureKind.UNAVAILABLE,
        425: FailureKind.UNAVAILABLE,
        429: FailureKind.RATE_LIMITED,
        451: FailureKind.MODERATED,
    }
)

_SUGGESTIONS = {
    FailureKind.AUTH: "Check the key, and that it belongs to this region.",
    FailureKind.FUNDS: "Add funds to the account.",
    FailureKind.MODERATED: "Rephrase before trying again.",
}


def status_kind(status: int) -> FailureKind:
    """Give the kind that an HTTP status of failure stands for when the body says no more."""
    known = STATUS_KINDS.get(status)
    if known is not None:
        return known
    return FailureKind.UNAVAILABLE if status >= 500 else FailureKind.PROVIDER


def failure_from_status(
    reply: Reply,
    *,
    message: str = "message",
    code: str = "code",
    kinds: Mapping[str, FailureKind] = MappingProxyType({}),
    suggestion: str | None = None,
) -> Failure | None:
    """Read a failure from a reply by its HTTP status; None below 400.

    `message`, `code` and `suggestion` are paths into the JSON body; `kinds` maps the provider's codes to our kinds
    where they say more than the HTTP status does.
    """
    if reply.status < 400:
        return None
    try:
        body = reply.json
    except MalformedReply:
        body = None  # the HTTP status stands whatever the body is
    word = dig(body, code)
    return failure(
        reply,
        kinds.get(str(word)) or status_kind(reply.status),
        message=dig(body, message) or _plain(reply, body),
        code=word,
        suggestion=dig(body, suggestion) if suggestion else None,
    )


def failure(
    reply: Reply,
    kind: FailureKind,
    *,
    message: object,
    code: object = None,
    suggestion: object = None,
    retry_after: float | None = None,
    trace_id: str | None = None,
) -> Failure:
    """Make a failure from what a reply says, with its texts bounded and cleaned."""
    made = Failure.of(kind, "")
    return Failure(
        kind=kind,
        message=clean(message),
        code=None if code is None else clean(code, 80),
        http_status=reply.status,
        retryable=made.retryable,
        retry_after=reply.retry_after if retry_after is None else retry_after,
        suggestion=clean(suggestion) if suggestion else _SUGGESTIONS.get(kind),
        trace_id=clean(trace_id, 100) if trace_id else reply.trace_id,
    )


def _plain(reply: Reply, body: object) -> str:
    if body is None or "html" in reply.headers.get("content-type", ""):
        return f"The provider answered HTTP {reply.status}."
    start = reply.content[:800].decode("utf-8", "replace")  # a whole body may be megabytes long
    return f"The provider answered HTTP {reply.status}: {clean(start, 200)}"
