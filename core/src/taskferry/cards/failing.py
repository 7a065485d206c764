"""Failures from a card's replies: refused calls, errors under HTTP 200, and jobs that failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve

from taskferry.cards.expression import Expression, compile_expression
from taskferry.cards.jmes import is_true
from taskferry.cards.model import ErrorSpec
from taskferry.cards.values import as_text, shown
from taskferry.errors import Failure, FailureKind, MalformedReply
from taskferry.failures import failure, failure_from_status
from taskferry.reply import Reply
from taskferry.status import Status

_NO_REASON = "The provider gives no reason."
_ENDS = {
    Status.FAILED: FailureKind.PROVIDER,
    Status.MODERATED: FailureKind.MODERATED,
    Status.EXPIRED: FailureKind.TIMEOUT,
    Status.CANCELLED: FailureKind.PROVIDER,
}
"""What an end without success is, where the code says no more."""


def compile_failure(spec: ErrorSpec) -> Callable[[Reply], Failure | None]:
    """Make the adapter's `failure`."""
    message, code = compile_expression(spec.message), compile_expression(spec.code)
    suggestion = None if spec.suggestion is None else compile_expression(spec.suggestion)
    when = None if spec.when is None else compile_expression(spec.when)

    def read(reply: Reply) -> Failure | None:
        if reply.status < 400 and when is None:
            return None
        document = _document(reply)
        if reply.status < 400 and (when is None or not _is_error(when, reply, document)):
            return None
        word = as_text(code.of(reply, document))
        kind = spec.kinds.get(word or "") or spec.http.get(reply.status)
        told = _told(message.of(reply, document))
        hint = None if suggestion is None else as_text(suggestion.of(reply, document))
        found = failure_from_status(reply)
        if found is None:
            return failure(reply, kind or FailureKind.PROVIDER, message=told or _NO_REASON, code=word, suggestion=hint)
        made = failure(reply, kind or found.kind, message=told or found.message, code=word, suggestion=hint)
        return made if word else evolve(made, code=found.code)

    return read


def job_failure(spec: ErrorSpec, reply: Reply, status: Status, message: Any, code: Any) -> Failure | None:
    """Give why a job ended without success; None where the reply does not say."""
    word, told = as_text(code), _told(message)
    if word is None and told is None:
        return None
    kind = spec.kinds.get(word or "", _ENDS[status])
    if status is Status.MODERATED:
        kind = FailureKind.MODERATED
    return failure(reply, kind, message=told or _NO_REASON, code=word)


def ended_without_success(status: Status | None) -> bool:
    """Tell whether a status is an end that there can be a reason for."""
    return status in _ENDS


def _told(message: Any) -> str | None:
    return message or None if message is None or isinstance(message, str) else shown(message)


def _document(reply: Reply) -> Any:
    if not reply.content:
        return None
    try:
        return reply.json
    except MalformedReply:
        return None  # the HTTP status stands whatever the body is


def _is_error(when: Expression, reply: Reply, document: Any) -> bool:
    return (document is not None or bool(when.uses)) and is_true(when.of(reply, document))
