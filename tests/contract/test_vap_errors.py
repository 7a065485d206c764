"""Every shape of error that VAP's papers and clients know, as one kind of failure each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskferry import FailureKind, Reply
from taskferry_vap.adapter import VapAdapter

FUNDS = {"required": "0.18", "available": "0.05"}


def failure_of(status: int, body: Any, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return VapAdapter().failure(Reply(status, content, {k.replace("_", "-"): v for k, v in headers.items()}))


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_task_type", FailureKind.VALIDATION),
        (400, "invalid_description", FailureKind.VALIDATION),
        (401, "invalid_api_key", FailureKind.AUTH),
        (402, "insufficient_balance", FailureKind.FUNDS),
        (403, "insufficient_balance", FailureKind.FUNDS),
        (403, "tier_limit_exceeded", FailureKind.FORBIDDEN),
        (403, "agent_paused", FailureKind.FORBIDDEN),
        (403, "provider_not_allowed", FailureKind.FORBIDDEN),
        (404, "task_not_found", FailureKind.NOT_FOUND),
        (429, "rate_limit_exceeded", FailureKind.RATE_LIMITED),
        (400, "content_policy_violation", FailureKind.MODERATED),
        (403, "no_such_code", FailureKind.FORBIDDEN),
    ],
)
def test_documented_codes_have_their_kind(status: int, code: str, kind: FailureKind) -> None:
    """The code says more than the HTTP status, and is kept."""
    failed = failure_of(status, {"error": {"code": code, "message": "Not today", "details": {}}})

    assert (failed.kind, failed.code, failed.message, failed.http_status) == (kind, code, "Not today", status)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, FailureKind.VALIDATION),
        (401, FailureKind.AUTH),
        (402, FailureKind.FUNDS),
        (403, FailureKind.FORBIDDEN),
        (404, FailureKind.NOT_FOUND),
        (409, FailureKind.CONFLICT),
        (422, FailureKind.VALIDATION),
        (429, FailureKind.RATE_LIMITED),
        (500, FailureKind.UNAVAILABLE),
        (503, FailureKind.UNAVAILABLE),
    ],
)
@pytest.mark.parametrize("body", [b"<html>Oops</html>", b"", b'{"error": {"mess', [], "text", None, {"error": 7}])
def test_without_a_readable_body_the_http_status_decides(status: int, kind: FailureKind, body: Any) -> None:
    """Gateways answer in HTML, and connections break; no body may break the reading."""
    failed = failure_of(status, body)

    assert (failed.kind, failed.code) == (kind, None)
    assert f"HTTP {status}" in failed.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"code": "x", "message": "Bad ratio"}}, "Bad ratio"),
        ({"error": "Bad ratio"}, "Bad ratio"),
        ({"error": "Bad ratio", "errors": ["9:1 is not taken"]}, "Bad ratio: 9:1 is not taken"),
        ({"detail": "Bad ratio"}, "Bad ratio"),
        ({"detail": {"message": "Bad ratio"}}, "Bad ratio"),
        ({"detail": [{"loc": ["body", "params", "duration"], "msg": "not 4, 6 or 8"}]}, "duration: not 4, 6 or 8"),
        ({"detail": ["Bad ratio"]}, "Bad ratio"),
        ({"error": {"message": "Bad", "details": {"errors": {"duration": "not 5"}}}}, "Bad: duration: not 5"),
    ],
)
def test_every_shape_gives_its_message(body: Any, message: str) -> None:
    """What the service says is never thrown away."""
    failed = failure_of(422, body)

    assert (failed.kind, failed.message) == (FailureKind.VALIDATION, message)


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "insufficient_balance", "message": "Not enough", "details": FUNDS}},
        {"error": {"code": "insufficient_balance", "message": "Not enough"}, **FUNDS},
        {"error": "Not enough", "required": 0.18, "balance": 0.05},
        {"detail": {"message": "Not enough", **FUNDS}},
    ],
)
@pytest.mark.parametrize("status", [402, 403])
def test_a_lack_of_funds_is_told_apart_and_tells_the_amounts(status: int, body: Any) -> None:
    """Some papers answer it with 402, others with 403; either way the user learns what is missing."""
    failed = failure_of(status, body)

    assert failed.kind is FailureKind.FUNDS
    assert failed.suggestion == "Add funds to the account: 0.18 USD is needed, 0.05 USD is there."


@pytest.mark.parametrize(
    "body",
    [
        {"error": "Insufficient balance"},
        {"error": "Not enough balance for this task"},
        {"detail": "insufficient_balance"},
    ],
)
def test_a_lack_of_funds_may_be_said_in_words_alone(body: Any) -> None:
    """A flat error has no code."""
    failed = failure_of(403, body)

    assert failed.kind is FailureKind.FUNDS


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ({"error": {"code": "rate_limit_exceeded", "details": {"retry_after": 30}}}, {"Retry_After": "7"}, 7.0),
        ({"error": {"code": "rate_limit_exceeded", "details": {"retry_after": 30}}}, {}, 30.0),
        ({"error": "Slow down", "retry_after": "12"}, {}, 12.0),
        ({}, {"X_RateLimit_Reset": "1767960009", "Date": "Fri, 09 Jan 2026 12:00:00 GMT"}, 9.0),
        ({}, {"X_RateLimit_Reset": "1767960009", "Date": "whenever"}, None),
        ({}, {}, None),
    ],
)
def test_the_wait_is_found_wherever_it_is(body: Any, headers: dict[str, str], seconds: float | None) -> None:
    """Header, body, else the end of the rate window by the server's own clock."""
    failed = failure_of(429, body, **headers)

    assert (failed.retry_after, failed.retryable) == (seconds, True)


def test_a_documented_refusal_may_come_under_http_200() -> None:
    """Its code says that nothing was made, and no task is in the body."""
    failed = failure_of(200, {"error": {"code": "insufficient_balance", "message": "Not enough"}})

    assert failed.kind is FailureKind.FUNDS


@pytest.mark.parametrize(
    "body", [{"error": None}, {"error": "odd"}, {"task_id": "x", "error": "provider_error"}, {"tasks": []}, [], b"{"]
)
def test_anything_else_under_http_200_is_left_to_the_reader(body: Any) -> None:
    """What is no documented refusal is not proof that nothing was made."""
    assert failure_of(200, body) is None
