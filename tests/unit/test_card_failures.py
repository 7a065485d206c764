"""Failures that cards read: of jobs, and of refused calls."""

from __future__ import annotations

import pytest

from card_driving import answer, card, drive
from taskferry import FailureKind, Observation, Reply, Status
from taskferry.cards import card_adapter

ACME = card_adapter(card("acme"))
VIDEO = {"id": "j-1", "model": "fast", "operation": "video"}


def seen(reply: Reply) -> Observation:
    return drive(ACME, ACME.fetch(VIDEO), reply)[1]


@pytest.mark.parametrize(
    ("word", "code", "status", "kind"),
    [
        ("broken", 1008, Status.FAILED, FailureKind.FUNDS),
        ("broken", 7, Status.FAILED, FailureKind.PROVIDER),
        ("broken", 1026, Status.MODERATED, FailureKind.MODERATED),
        ("blocked", 1008, Status.MODERATED, FailureKind.MODERATED),
        ("gone", 7, Status.EXPIRED, FailureKind.TIMEOUT),
    ],
)
def test_a_job_that_failed_tells_why(word: str, code: int, status: Status, kind: FailureKind) -> None:
    """The code says what it is; a job that was moderated under the word for failed is moderated."""
    found = seen(answer({"data": {"state": word, "reason": "so\nit is", "reason_code": code}}))

    assert (found.status, found.failure.kind) == (status, kind)
    assert (found.failure.message, found.failure.code) == ("so it is", str(code))


def test_a_failed_job_without_a_reason_leaves_that_to_the_core() -> None:
    """And a job that goes on has none, whatever stands in its place."""
    assert seen(answer({"data": {"state": "broken"}})).failure is None
    assert seen(answer({"data": {"state": "working", "reason": "warming up"}})).failure is None


@pytest.mark.parametrize(
    ("reply", "kind", "message"),
    [
        (answer({"code": 1026, "error": {"message": "no", "hint": "Rephrase."}}), FailureKind.MODERATED, "no"),
        (answer({"code": 5}), FailureKind.PROVIDER, "The provider gives no reason."),
        (answer({"error": {"message": "pay"}}, 402), FailureKind.FUNDS, "pay"),
        (answer({"code": 1008}, 400), FailureKind.FUNDS, 'The provider answered HTTP 400: {"code": 1008}'),
        (answer(b"<html>", 502), FailureKind.UNAVAILABLE, "The provider answered HTTP 502."),
        (answer({"error": {"message": {"deep": 1}}}, 409), FailureKind.CONFLICT, "{'deep': 1}"),
    ],
)
def test_a_refused_call_is_told_by_its_envelope(reply: Reply, kind: FailureKind, message: str) -> None:
    """Under HTTP 200 too; kinds come from the code, then from the card's HTTP table, then from HTTP itself."""
    found = ACME.failure(reply)

    assert found is not None
    assert (found.kind, found.message.replace("'", '"') if "code" in message else found.message) == (kind, message)


@pytest.mark.parametrize("reply", [answer({"code": 0}), answer({}), answer(None, 204), answer(b"\xff"), answer([1])])
def test_a_good_reply_is_no_failure(reply: Reply) -> None:
    """Nor is a body that is no document."""
    assert ACME.failure(reply) is None
