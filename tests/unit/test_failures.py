"""Failures: what an HTTP status means by itself, and what a provider's envelope adds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry import Failure, FailureKind, Reply, failure, failure_from_status, status_kind


def answer(status: int, body: object, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, content, {name.replace("_", "-"): value for name, value in headers.items()}, trace_id="r1")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "validation"),
        (401, "auth"),
        (402, "funds"),
        (403, "forbidden"),
        (404, "not_found"),
        (409, "conflict"),
        (410, "not_found"),
        (418, "provider"),
        (422, "validation"),
        (429, "rate_limited"),
        (451, "moderated"),
        (500, "unavailable"),
        (503, "unavailable"),
        (599, "unavailable"),
    ],
)
def test_an_http_status_stands_for_a_kind_when_the_body_says_no_more(status: int, kind: str) -> None:
    """One meaning for every provider."""
    assert status_kind(status) is FailureKind(kind)


@pytest.mark.parametrize("status", [200, 202, 302])
def test_below_400_there_is_no_failure(status: int) -> None:
    """Envelopes under 200 are the adapter's to read."""
    assert failure_from_status(answer(status, {"message": "fine"})) is None


def test_message_code_and_suggestion_are_read_from_their_paths() -> None:
    """The provider's own words are kept beside our kind."""
    body = {"error": {"message": "Not enough.\nTop up!", "code": "E_FUNDS", "hint": "See billing."}}

    read = failure_from_status(
        answer(400, body, retry_after="9"),
        message="error.message",
        code="error.code",
        kinds={"E_FUNDS": FailureKind.FUNDS},
        suggestion="error.hint",
    )

    assert read == Failure(
        kind=FailureKind.FUNDS,
        message="Not enough. Top up!",
        code="E_FUNDS",
        http_status=400,
        retryable=False,
        retry_after=9.0,
        suggestion="See billing.",
        trace_id="r1",
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "The provider answered HTTP 502: {}"),
        ({"detail": "busy"}, 'The provider answered HTTP 502: {"detail": "busy"}'),
        (b"<html>Bad gateway</html>", "The provider answered HTTP 502."),
        (b"", "The provider answered HTTP 502."),
    ],
)
def test_a_body_without_a_message_still_gives_one(body: object, message: str) -> None:
    """The HTTP status stands whatever the body is."""
    read = failure_from_status(answer(502, body))

    assert read is not None
    assert (read.message, read.kind, read.retryable) == (message, FailureKind.UNAVAILABLE, True)


def test_markup_is_not_shown_to_people() -> None:
    """Even if it happens to be JSON too."""
    read = failure_from_status(answer(500, b'"<html>"', content_type="text/html"))

    assert read is not None
    assert read.message == "The provider answered HTTP 500."


@pytest.mark.parametrize("kind", FailureKind)
def test_whether_it_may_be_tried_again_follows_from_the_kind(kind: FailureKind) -> None:
    """The same thing again makes sense where only time was lacking."""
    again = kind in ("rate_limited", "unavailable", "timeout", "not_sent")

    assert Failure.of(kind, "x").retryable is again
    assert failure(answer(400, {}), kind, message="x").retryable is again


@given(
    status=st.integers(400, 599),
    body=st.dictionaries(
        st.sampled_from(["message", "code", "hint"]),
        st.text() | st.integers() | st.none() | st.lists(st.text(), max_size=2) | st.dictionaries(st.text(), st.text()),
    ),
)
def test_any_envelope_gives_one_bounded_line(status: int, body: dict[str, object]) -> None:
    """Nothing that a provider sends as an error makes one of ours."""
    read = failure_from_status(answer(status, body), suggestion="hint")

    assert read is not None
    assert len(read.message) <= 500
    assert "\n" not in f"{read.message}{read.code}{read.suggestion}"


def test_a_failure_reads_as_a_sentence() -> None:
    """With code and suggestion where they are known."""
    told = Failure.of(FailureKind.MODERATED, "Blocked.", code="nsfw", suggestion="Rephrase.")

    assert str(told) == "Blocked. [nsfw] Rephrase."
