"""The schedule: everything comes out once, in order, never early, and moving a thing costs no search."""

from __future__ import annotations

from itertools import pairwise

import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from taskferry.poller.wheel import TICK, Wheel

moments = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)


@define(eq=False)
class Thing:
    """Something with a time."""

    moment: float
    due: int = 0


@given(moments)
def test_everything_comes_out_once_in_order_and_not_early(times: list[float]) -> None:
    """At most one slot late."""
    wheel = Wheel[Thing]()
    things = [Thing(moment) for moment in times]
    for thing in things:
        wheel.put(thing, thing.moment)

    out = []
    while wheel.first is not None:
        now = wheel.first * TICK
        for thing in wheel.due(now):
            out.append(thing)
            assert thing.moment <= now + 1e-6 * TICK
            assert now - thing.moment <= TICK * 1.001

    assert len(out) == len(things)
    assert {id(thing) for thing in out} == {id(thing) for thing in things}
    assert all(a.moment <= b.moment + TICK for a, b in pairwise(out))


def test_moving_a_thing_makes_its_old_place_count_no_more() -> None:
    """It comes out at its new time only."""
    wheel, thing = Wheel[Thing](), Thing(0)
    wheel.put(thing, 1.0)

    wheel.put(thing, 5.0)

    assert list(wheel.due(2.0)) == []
    assert list(wheel.due(5.0)) == [thing]
    assert wheel.first is None


def test_what_is_due_soon_is_shown_in_order_and_stays() -> None:
    """Until somebody takes it out."""
    wheel, early, late, far = Wheel[Thing](), Thing(0), Thing(0), Thing(0)
    for thing, moment in ((late, 2.0), (early, 1.0), (far, 60.0)):
        wheel.put(thing, moment)

    shown = list(wheel.soon(3.0))
    wheel.remove(early)

    assert shown == [early, late]
    assert list(wheel.due(3.0)) == [late]


@pytest.mark.parametrize("now", [0.01, 0.07, 0.29, 1.1, 12345.67, 1e9 + 0.01])
def test_a_slot_is_due_at_its_own_time_whatever_rounding_does(now: float) -> None:
    """A clock that stands exactly at a slot's time finds it, so a schedule never waits for nothing."""
    wheel, thing = Wheel[Thing](), Thing(0)
    wheel.put(thing, now)

    assert wheel.first is not None
    assert list(wheel.due(wheel.first * TICK)) == [thing]
