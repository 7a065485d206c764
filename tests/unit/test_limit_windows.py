"""No sixty seconds see more requests than a limit: one process, any demand, on a clock that is handed in."""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from taskferry.poller.limits import Bucket, Gate
from taskferry.poller.pace import KEPT, pace_of
from taskferry.poller.share import LATE

limits = st.floats(1, 10_000) | st.integers(1, 10_000).map(float) | st.sampled_from([1.0, 1.5, 2.0, 10.0, 59.0])
LAG = 0.25
"""Seconds by which whatever was to happen at a time may happen later."""


@define
class Account:
    """Looks and creates of one process, which wake up late and do what the poller does; every request is noted."""

    per_minute: float
    chance: Random
    lag: float = LAG
    bucket: Bucket = field(init=False)
    gate: Gate = field(init=False)
    sent: list[float] = field(factory=list[float])
    _todo: list[tuple[float, int, Callable[[float], None]]] = field(factory=list)
    _count: int = 0

    def __attrs_post_init__(self) -> None:
        self.bucket = Bucket(self.per_minute)
        self.gate = Gate(bucket=self.bucket)

    def at(self, moment: float, do: Callable[[float], None]) -> None:
        self._count += 1
        heapq.heappush(self._todo, (moment + self.chance.random() * self.lag, self._count, do))

    def run(self, end: float) -> None:
        while self._todo and self._todo[0][0] < end:
            now, _, do = heapq.heappop(self._todo)
            do(now)

    def look(self, now: float, calls: int = 1, then: Callable[[float], None] | None = None) -> None:
        """Take a token, wait for it, send; calls beyond the first are sent and charged at once."""

        def leave(at: float) -> None:
            self.sent.extend([at] * calls)
            self.bucket.charge(at, calls)
            if then is not None:
                then(at)

        held = self.bucket.held(now)
        if held > 0:
            self.at(now + held, lambda at: self.look(at, calls, then))
            return
        wait = self.bucket.draw(now)
        if wait > 0:
            self.at(now + wait, leave)
        else:
            leave(now)

    def create(self, now: float) -> None:
        """Ask the gate until it lets one through."""
        wait = self.gate.slot(now)
        if wait > 0:
            self.at(now + wait, self.create)
        else:
            self.sent.append(now)
            self.bucket.charge(now, 1)

    def close(self, seconds: float, now: float) -> None:
        """Hear that the provider asks to wait for so long."""
        self.bucket.close(now + seconds)

    def busy_with_looks(self, begin: float, end: float, calls: int = 1) -> None:
        def again(at: float) -> None:
            if at < end:
                self.look(at, calls, again)

        self.at(begin, again)


def windows(sent: Sequence[float], seconds: float = 60.0) -> Iterator[int]:
    """Give what each window sees that begins with a request."""
    ordered = sorted(sent)
    return (bisect_left(ordered, begin + seconds) - place for place, begin in enumerate(ordered))


stretches = st.lists(st.tuples(st.floats(0, 200), st.floats(0, 120)), max_size=3)
creates = st.lists(st.tuples(st.floats(0, 300), st.integers(1, 60)), max_size=5)
closings = st.lists(st.tuples(st.floats(0, 300), st.floats(0.1, 90)), max_size=4)


@given(st.floats(1, 600) | st.sampled_from([1.0, 2.0, 10.0, 60.0]), stretches, creates, closings, st.integers())
@settings(max_examples=150, deadline=None)
def test_whatever_is_wanted_no_minute_sees_more_than_the_limit(
    per_minute: float,
    looks: list[tuple[float, float]],
    made: list[tuple[float, int]],
    closed: list[tuple[float, float]],
    seed: int,
) -> None:
    """Looks that follow each other, creates in bunches, and a provider that asks to wait now and then."""
    account = Account(per_minute, Random(seed))
    for begin, length in looks:
        account.busy_with_looks(begin, begin + length)
    for begin, count in made:
        for _ in range(count):
            account.at(begin, account.create)
    for begin, length in closed:
        account.at(begin, partial(account.close, length))

    account.run(420)

    assert max(windows(account.sent), default=0) <= math.floor(per_minute)


@given(limits, st.integers(0, 3), st.integers())
@settings(max_examples=40, deadline=None)
def test_a_busy_account_uses_nearly_all_of_its_limit(per_minute: float, bunches: int, seed: int) -> None:
    """Every limit; nine tenths of it at least, and of a large one 97 of 100."""
    account = Account(per_minute, Random(seed), lag=0.0)
    minutes = 2 if per_minute > 1000 else 6
    account.busy_with_looks(0.0, 1e9)
    for number in range(bunches):
        for _ in range(20):
            account.at(40.0 * number, account.create)

    account.run(60.0 * minutes)

    whole = math.floor(per_minute)
    assert max(windows(account.sent)) <= whole
    assert len(account.sent) >= (0.97 if per_minute >= 1000 else 0.9) * whole * minutes


@given(st.floats(1, 3000), st.integers(2, 5), st.integers())
@settings(max_examples=40, deadline=None)
def test_second_calls_take_their_places_as_soon_as_they_are_known(per_minute: float, calls: int, seed: int) -> None:
    """Nobody can know of those of one look before; no minute sees more beyond the limit than those."""
    account = Account(per_minute, Random(seed))
    account.busy_with_looks(0.0, 1e9, calls)

    account.run(180)

    assert max(windows(account.sent)) <= math.floor(per_minute) + calls - 1


def test_one_a_minute_is_one_at_once_and_then_one_a_minute() -> None:
    """Looks and creates together."""
    account = Account(1.0, Random(0), lag=0.0)
    for _ in range(3):
        account.at(0.0, account.create)
    account.at(1.0, account.look)

    account.run(400)

    first, *others = account.sent
    assert first == 0.0
    assert [61 <= later - earlier < 63 for earlier, later in zip([first, *others], others, strict=False)] == [True] * 3


@pytest.mark.parametrize("per_minute", [0.001, 0.5, 0.999])
def test_less_than_one_a_minute_is_one_in_as_many_minutes(per_minute: float) -> None:
    """So no span of that length ever sees two."""
    account = Account(per_minute, Random(0), lag=0.0)
    account.busy_with_looks(0.0, 1e9)

    account.run(5 * 63 / per_minute)

    assert max(windows(account.sent, 60 / per_minute)) == 1
    assert len(account.sent) >= 5


def test_a_create_that_was_given_up_leaves_its_token_to_none_that_comes_much_later() -> None:
    """Its place in the rate would be of another minute."""
    bucket = Bucket(1.0)
    gate = Gate(bucket=bucket)
    gate.slot(0.0)

    wait = gate.slot(0.0)
    later = gate.slot(wait + KEPT + 30.0)

    assert 61 < wait < 63
    assert later == pytest.approx(wait - KEPT - 30.0)


@given(limits)
def test_the_pace_leaves_room_for_what_leaves_later_than_its_place(per_minute: float) -> None:
    """Alone by `KEPT`; by `LATE` as well where places are leased; the way to the provider may take longer too."""
    alone, at_once = pace_of(per_minute)
    leased, same = pace_of(per_minute, LATE)

    assert at_once == same <= max(1, per_minute / 20)
    assert at_once - 1 + alone * (60.2 + KEPT) <= math.floor(per_minute)
    assert at_once - 1 + leased * (60.2 + KEPT + LATE) <= math.floor(per_minute)
    assert leased * 60 >= 0.9 * math.floor(per_minute)
