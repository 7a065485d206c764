"""Reads VAP's failures, in all four shapes that its papers and clients know.

{"error": {"code", "message", "details"}}     the documented one; `required`, `available` may stand beside it
{"error": "text", "required", "retry_after"}  the SDK's
{"detail": "text" | {"code", "message"}}      the framework that the vendor's proxy reads
{"detail": [{"loc", "msg", "type"}]}          the same framework's, for parameters
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any

from taskferry import Failure, FailureKind, MalformedReply, Reply, clean, decimal, dig, failure, status_kind

CODES: Mapping[str, FailureKind] = MappingProxyType(
    {
        "invalid_api_key": FailureKind.AUTH,
        "insufficient_balance": FailureKind.FUNDS,
        "tier_limit_exceeded": FailureKind.FORBIDDEN,
        "agent_paused": FailureKind.FORBIDDEN,
        "provider_not_allowed": FailureKind.FORBIDDEN,
        "invalid_task_type": FailureKind.VALIDATION,
        "invalid_description": FailureKind.VALIDATION,
        "task_not_found": FailureKind.NOT_FOUND,
        "rate_limit_exceeded": FailureKind.RATE_LIMITED,
        "provider_error": FailureKind.PROVIDER,
    }
)
"""What the documented codes mean; they say more than the HTTP status: a lack of funds is a 402 in some papers and a
403 in others."""

PHRASES: Mapping[str, FailureKind] = MappingProxyType(
    {
        "not enough balance": FailureKind.FUNDS,
        "insufficient balance": FailureKind.FUNDS,
        "insufficient funds": FailureKind.FUNDS,
        "content policy": FailureKind.MODERATED,
        "moderation": FailureKind.MODERATED,
        "moderated": FailureKind.MODERATED,
        "nsfw": FailureKind.MODERATED,
        "safety filter": FailureKind.MODERATED,
        "timeout": FailureKind.TIMEOUT,
        "timed out": FailureKind.TIMEOUT,
    }
)
"""Words that tell where no documented code does: VAP has no code for moderation, nor for a provider's timeout."""

_SUGGESTIONS: Mapping[str, str] = MappingProxyType(
    {
        "invalid_api_key": "Check the key, and that it is a Media key: each of VAP's keys is for one product.",
        "task_not_found": "VAP shows a task only to the account that made it: check the id, and whose key is set.",
        "tier_limit_exceeded": "Images and edits need an account of Tier 1 (a deposit), video and music Tier 2; each"
        " tier also limits what one task and one day may cost.",
        "agent_paused": "VAP's circuit breaker has paused the account: ask VAP to resume it.",
        "provider_not_allowed": "Allow the provider in the account's settings at VAP.",
    }
)
_OF_A_JOB = ("status", "task_id", "operation_id", "execution_id", "generation_id")
"""Fields that only the body of a job has."""
_REFUNDED = "VAP refunds failed tasks in full."


def reply_failure(reply: Reply) -> Failure | None:
    """Read the failure of a reply; None for one that is none, such as a task body that tells of a failed task."""
    body = _body(reply)
    if reply.status < 400 and not _is_refusal(body):
        return None
    code, message = _code(body), _message(body) or _plain(reply, body)
    kind = CODES.get(code or "") or _phrase(reply, code, message, body) or status_kind(reply.status)
    return failure(
        reply,
        kind,
        message=message,
        code=code,
        suggestion=_SUGGESTIONS.get(code or "") or (_funds_hint(body) if kind is FailureKind.FUNDS else None),
        retry_after=_retry_after(reply, body),
    )


def task_failure(body: Mapping[str, Any]) -> Failure:
    """Read why a failed task failed, from `error_message`, `error` as a text or `error` as an object."""
    code = _code(body)
    places = ("error.message", "error_message", "error")
    message = next((text for text in (_text(dig(body, place)) for place in places) if text), None)
    kind = CODES.get(code or "") or _spoken(code, message) or FailureKind.PROVIDER
    rephrase = "Rephrase before trying again. " if kind is FailureKind.MODERATED else ""
    return Failure.of(
        kind,
        clean(message or "VAP says that the task failed and gives no reason."),
        code=clean(code, 80) if code else None,
        suggestion=f"{rephrase}{_REFUNDED}",
    )


def _body(reply: Reply) -> Mapping[str, Any]:
    try:
        body = reply.json
    except MalformedReply:
        return {}  # an HTML page of a gateway: its HTTP status says it all
    return body if isinstance(body, Mapping) else {}


def _is_refusal(body: Mapping[str, Any]) -> bool:
    """Tell whether a body under HTTP 200 refuses: it has a documented code and is no job, whose `error` is its own."""
    return all(body.get(name) is None for name in _OF_A_JOB) and _code(body) in CODES


def _code(body: Mapping[str, Any]) -> str | None:
    words = (dig(body, "error.code"), dig(body, "detail.code"), body.get("code"), body.get("error"), body.get("detail"))
    named = [word for word in words[:3] if isinstance(word, str) and word]
    return next(iter(named + [word for word in words[3:] if isinstance(word, str) and word in CODES]), None)


def _message(body: Mapping[str, Any]) -> str | None:
    places = ("error.message", "error", "detail.message", "detail", "message")
    text = next((text for text in (_text(dig(body, place)) for place in places) if text), None)
    problems = "; ".join(_problems(body))
    return f"{text}: {problems}" if text and problems else text or problems or None


def _problems(body: Mapping[str, Any]) -> Iterator[str]:
    """Give what is wrong with single parameters, as `duration: must be 4, 6 or 8`."""
    for place in ("detail", "errors", "error.details.errors"):
        listed = dig(body, place)
        if isinstance(listed, Mapping) and place != "detail":
            yield from (f"{name}: {wrong}" for name, wrong in listed.items())
        for problem in listed if isinstance(listed, list) else ():
            if isinstance(problem, Mapping):
                loc = problem.get("loc")
                parts = [str(part) for part in loc if part not in ("body", "params")] if isinstance(loc, list) else []
                yield ": ".join([*filter(None, [".".join(parts)]), str(problem.get("msg", problem))])
            else:
                yield str(problem)


def _plain(reply: Reply, body: Mapping[str, Any]) -> str:
    return f"VAP answered HTTP {reply.status}{f': {clean(body, 200)}' if body else '.'}"


def _phrase(reply: Reply, code: str | None, message: str, body: Mapping[str, Any]) -> FailureKind | None:
    """Read the kind from words, for the HTTP statuses that stand for several; amounts tell a lack of funds as well."""
    if reply.status not in (400, 403, 422):
        return None
    if _funds_hint(body) is not None:
        return FailureKind.FUNDS
    spoken = _spoken(code, message)
    return spoken if spoken in (FailureKind.FUNDS, FailureKind.MODERATED) else None


def _spoken(code: str | None, message: str | None) -> FailureKind | None:
    text = f"{code or ''} {message or ''}".lower().replace("_", " ")
    return next((kind for phrase, kind in PHRASES.items() if phrase in text), None)


def _amount(body: Mapping[str, Any], *names: str) -> str | None:
    places = (f"{prefix}{name}" for name in names for prefix in ("error.details.", "error.", "detail.", ""))
    amount = next((amount for amount in (decimal(dig(body, place)) for place in places) if amount is not None), None)
    return None if amount is None else f"{amount:f} USD"


def _funds_hint(body: Mapping[str, Any]) -> str | None:
    required, available = _amount(body, "required"), _amount(body, "available", "balance")
    if required is None or available is None:
        return None
    return f"Add funds to the account: {required} is needed, {available} is there."


def _retry_after(reply: Reply, body: Mapping[str, Any]) -> float | None:
    """Give the seconds to wait: the header, the body, else the end of the rate window by the server's own clock."""
    if reply.retry_after is not None:
        return reply.retry_after
    for place in ("error.details.retry_after", "detail.retry_after", "retry_after"):
        seconds = decimal(dig(body, place))
        if seconds is not None:
            return float(seconds)
    reset, date = decimal(reply.headers.get("x-ratelimit-reset")), reply.headers.get("date")
    if reply.status != 429 or reset is None or date is None:
        return None
    try:
        return max(0.0, float(reset) - parsedate_to_datetime(date).timestamp())
    except (ValueError, OverflowError):
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
