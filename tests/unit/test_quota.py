"""Rate limits as replies tell them: read where they make sense, bounded always."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry.transport import Quota
from taskferry.transport.quota import LONGEST

NOW, WALL = 5_000.0, 1_800_000_000.0


def heard(headers: dict[str, str], *, status: int = 200, retry_after: float | None = None) -> Quota:
    quota = Quota()
    quota.heard(status, headers, NOW, wall=WALL, retry_after=retry_after)
    return quota


@pytest.mark.parametrize(
    ("headers", "limit", "remaining", "seconds"),
    [
        ({"x-ratelimit-limit": "60", "x-ratelimit-remaining": "7", "x-ratelimit-reset": "30"}, 60, 7, 30.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000012"}, None, 0, 12.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000012500"}, None, 0, 12.5),
        ({"ratelimit-limit": "60", "ratelimit-remaining": "7", "ratelimit-reset": "30"}, 60, 7, 30.0),
        ({"ratelimit": '"default";r=7;t=30'}, None, 7, 30.0),
        ({"x-ratelimit-remaining": "7"}, None, 7, None),
        ({"content-type": "application/json"}, None, None, None),
    ],
    ids=["seconds", "epoch", "epoch in milliseconds", "without x", "draft", "no reset", "none"],
)
def test_each_form_of_the_headers_is_read(
    headers: dict[str, str], limit: int | None, remaining: int | None, seconds: float | None
) -> None:
    """A reset may be a number of seconds or a date."""
    quota = heard(headers)

    assert (quota.limit, quota.remaining) == (limit, remaining)
    assert quota.resets_at == (None if seconds is None else NOW + seconds)


@pytest.mark.parametrize("value", ["-1", "many", "", "nan", "1e9", "9" * 40, "0x10", "٣", "1800000000 UTC"])
def test_a_value_that_is_no_plain_number_is_left_out(value: str) -> None:
    """Some providers say -1 for no limit."""
    quota = heard({"x-ratelimit-remaining": value, "x-ratelimit-limit": value, "x-ratelimit-reset": value})

    assert (quota.limit, quota.remaining, quota.resets_at, quota.hold(NOW)) == (None, None, None, 0.0)


@pytest.mark.parametrize("reset", ["31536000", "1831536000", "999999999999"])
def test_a_reset_in_a_year_holds_for_some_minutes(reset: str) -> None:
    """Then the account is asked again."""
    quota = heard({"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset})

    assert quota.hold(NOW) == LONGEST


def test_a_reset_that_is_past_holds_nothing() -> None:
    """The provider's clock, or ours, is not quite right."""
    assert heard({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1799999999"}).hold(NOW) == 0.0


@pytest.mark.parametrize(
    ("status", "retry_after", "hold"),
    [(429, 7.0, 7.0), (503, 7.0, 7.0), (429, 31_536_000.0, LONGEST), (429, None, 0.0), (200, 7.0, 0.0)],
)
def test_retry_after_closes_an_account_that_was_refused(status: int, retry_after: float | None, hold: float) -> None:
    """Under 200 it is a hint for one task alone."""
    assert heard({}, status=status, retry_after=retry_after).hold(NOW) == hold


def test_a_shorter_hold_does_not_open_an_account_early() -> None:
    """Replies overtake one another."""
    quota = heard({}, status=429, retry_after=60.0)

    quota.heard(429, {}, NOW + 1, wall=WALL, retry_after=2.0)

    assert quota.hold(NOW + 1) == 59.0


def test_requests_that_are_left_hold_nothing() -> None:
    """Only a spent window does, until it ends."""
    quota = heard({"x-ratelimit-remaining": "1", "x-ratelimit-reset": "30"})
    assert quota.hold(NOW) == 0.0

    quota.heard(200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "29"}, NOW + 1, wall=WALL, retry_after=None)

    assert (quota.hold(NOW + 1), quota.hold(NOW + 40)) == (29.0, 0.0)


NAMES = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit", "ratelimit-reset"]


@given(st.dictionaries(st.sampled_from(NAMES), st.text()), st.floats(0, 1e300), st.integers(100, 599))
def test_no_words_of_a_provider_stop_an_account_for_longer(
    headers: dict[str, str], retry_after: float, status: int
) -> None:
    """Whatever they are."""
    quota = heard(headers, status=status, retry_after=retry_after)

    assert 0.0 <= quota.hold(NOW) <= LONGEST
