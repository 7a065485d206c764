"""Limits: how often an account is asked, and how creates wait for room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry.errors import AdapterError
from taskferry.poller.limits import Bucket, Gate
from taskferry.transport.quota import Quota


def test_a_bucket_lets_a_twentieth_of_the_limit_through_and_then_keeps_a_rate() -> None:
    """What is left of the limit is spread over the minute, and a little more than that."""
    bucket = Bucket(60)

    waits = [bucket.draw(0.0) for _ in range(6)]

    assert waits == pytest.approx([0, 0, 0, bucket.interval, 2 * bucket.interval, 3 * bucket.interval])
    assert bucket.interval == pytest.approx(61 / 58, rel=0.05)
    assert bucket.draw(20.0) == 0


def test_a_provider_without_a_limit_is_never_waited_for() -> None:
    """None means none."""
    bucket = Bucket(None)

    bucket.charge(0.0, 1000)

    assert {bucket.draw(0.0) for _ in range(1000)} == {0.0}


def quota(remaining: int | None = None, resets_at: float | None = None, closed_until: float = 0.0) -> Quota:
    told = Quota()
    told.remaining, told.resets_at, told.closed_until = remaining, resets_at, closed_until
    return told


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        (quota(), 0.0),
        (quota(remaining=500, resets_at=130.0), 0.0),
        (quota(remaining=0, resets_at=130.0), 30.0),
        (quota(remaining=0, resets_at=90.0), 0.0),
        (quota(remaining=4, resets_at=130.0), 6.0),
        (quota(closed_until=112.0), 12.0),
        (quota(remaining=0, resets_at=None), 0.0),
    ],
    ids=["nothing told", "plenty left", "none left", "counted anew", "few left", "asked to wait", "no end told"],
)
@pytest.mark.parametrize("per_minute", [None, 6000])
def test_what_the_provider_counts_is_kept_to(told: Quota, wait: float, per_minute: float | None) -> None:
    """None left: nothing leaves before it counts anew; few left: they are spread over that time."""
    assert Bucket(per_minute).held(100.0, told) == pytest.approx(wait)


def test_a_gate_is_open_until_the_provider_has_no_room() -> None:
    """Then everything waits, and comes one by one afterwards."""
    gate = Gate(spacing=0.5)
    before = [gate.slot(0.0) for _ in range(3)]

    gate.full(10.0, 4.0)

    assert before == [0.0, 0.0, 0.0]
    assert [gate.slot(11.0) for _ in range(3)] == [3.0, 3.0, 3.0]
    assert [gate.slot(at) for at in (60.0, 60.25, 60.5)] == [0.0, 0.25, 0.0]


@given(st.lists(st.tuples(st.floats(0, 5), st.none() | st.floats(0, 60)), min_size=1, max_size=50))
def test_asking_a_gate_takes_no_place_until_it_lets_through(steps: list[tuple[float, float | None]]) -> None:
    """Whoever asks again after the wait it was given is let through, unless the provider closed it once more."""
    gate, now = Gate(), 0.0

    for gap, full in steps:
        now += gap
        if full is not None:
            gate.full(now, full)
        wait = gate.slot(now)
        assert wait >= 0
        assert gate.slot(now + wait + 1e-6 if wait else now + 1.0) == 0.0
        now += wait + 1.0


@pytest.mark.parametrize("per_minute", [0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_lets_nothing_through_is_a_mistake(per_minute: float) -> None:
    """It is told where the account is first used, and stops no worker later."""
    with pytest.raises(AdapterError, match="requests_per_minute"):
        Bucket(per_minute=per_minute)


def test_what_takes_several_requests_is_charged_for_each() -> None:
    """A look of two calls, an upload before a create; those under way are nobody's but theirs."""
    bucket = Bucket(60)
    bucket.draw(0.0)

    bucket.charge(0.0, 1)
    before = bucket.draw(0.0)
    bucket.charge(0.0, 3)

    assert before == 0.0
    assert bucket.draw(0.0) == pytest.approx(2 * bucket.interval)
