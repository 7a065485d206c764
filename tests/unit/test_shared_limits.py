"""Limits shared by processes: what all of them send together, on a virtual clock with a ledger made of arithmetic."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from taskferry.ledger.sharing import Granted
from taskferry.poller.limits import Bucket, Gate
from taskferry.poller.share import Share
from taskferry.poller.shared_limits import SharedBucket, SharedGate, TellingBucket

STEP = 0.01


@define
class Ledger:
    """Leases as the ledger in PostgreSQL does; away when told."""

    next_at: float | None = None
    asked: dict[int, float] = field(factory=dict[int, float])
    questions: int = 0

    def lease(self, who: int, share: Share, wanted: int, now: float) -> Granted:
        self.questions += 1
        self.asked[who] = now
        sharers = sum(at > now - 15 for at in self.asked.values())
        first = max(now if self.next_at is None else self.next_at, now - (share.burst - 1) / share.rate)
        count = max(1, min(wanted, int(share.rate / sharers)))
        self.next_at = first + count / share.rate
        return Granted(count=count, starts_in=first - now, sharers=sharers)


class Process:
    """Sends whenever it may, or `hungry` times a second; every question takes a while, half of it each way."""

    def __init__(self, number: int, ledger: Ledger, per_minute: float, *, slow: float = 0.0, hungry: float = 1e9):
        self.number, self.ledger, self.slow, self.hungry = number, ledger, slow, hungry
        self.bucket = SharedBucket(per_minute, self._ask, lambda until: None)
        self.sent: list[float] = []
        self.away = self.dead = False
        self._asked: list[tuple[float, float, Share, int]] = []
        self._answers: list[tuple[float, float, Share, Granted]] = []
        self._now = self._next = 0.0
        self._until: float | None = None

    def _ask(self, share: Share, wanted: int) -> None:
        self._asked.append((self._now + self.slow * random.random(), self._now, share, wanted))

    def step(self, now: float) -> None:
        self._now = now
        if self.dead:
            return
        self._correspond(now)
        while self._next <= now and len(self.sent) < 100_000:
            wait = self.bucket.draw(now) if self._until is None else max(self._until - now, self.bucket.short(now))
            if wait > 0:
                self._until = self._until if self._until is not None and self._until > now else now + wait
                return
            self._until = None
            self.sent.append(now)
            self._next = max(self._next, now - 1) + 1 / self.hungry

    def _correspond(self, now: float) -> None:
        for arrives, asked, share, wanted in [one for one in self._asked if one[0] <= now]:
            if self.away and now - asked < 10:
                continue  # as the ledger waits for its server
            self._asked.remove((arrives, asked, share, wanted))
            if self.away:
                share.failed(now)
            else:
                answer = self.ledger.lease(self.number, share, wanted, now)
                self._answers.append((now + self.slow * random.random(), asked, share, answer))
        for due, asked, share, answer in [one for one in self._answers if one[0] <= now]:
            self._answers.remove((due, asked, share, answer))
            share.granted(answer, asked, now)


def run(processes: Sequence[Process], begin: float, end: float) -> None:
    for number in range(round(begin / STEP), round(end / STEP)):
        for process in processes:
            process.step(number * STEP)


def most_in(seconds: float, processes: Iterable[Process]) -> int:
    """Give the most that a window of so many seconds saw, which begins with a request and ends before its end."""
    sent = sorted(at for process in processes for at in process.sent)
    return max((bisect_left(sent, begin + seconds - STEP / 2) - place for place, begin in enumerate(sent)), default=0)


@pytest.mark.parametrize("per_minute", [10, 60, 500, 1000, 3000])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_no_minute_ever_sees_more_than_the_limit_and_hardly_less(count: int, per_minute: float) -> None:
    """However many share it: one alone has all of it."""
    ledger = Ledger()
    processes = [Process(number, ledger, per_minute) for number in range(count)]

    run(processes, 0, 240)

    sent = sum(len(process.sent) for process in processes)
    assert most_in(60, processes) <= per_minute
    assert sent >= 0.91 * per_minute * 4


@given(st.integers(1, 4), st.sampled_from([30.0, 200.0, 1500.0]), st.sampled_from([0.0, 0.1, 0.4]), st.randoms())
@settings(max_examples=12, deadline=None)
def test_answers_that_come_late_never_make_it_more(count: int, per_minute: float, slow: float, chance: object) -> None:
    """Nor do some that need little, and keep what they leased for later."""
    random.seed(str(chance))
    ledger = Ledger()
    hungry = [1e9, per_minute / 200, per_minute / 600, 1e9]
    processes = [Process(number, ledger, per_minute, slow=slow, hungry=hungry[number]) for number in range(count)]

    run(processes, 0, 130)

    assert most_in(60, processes) <= per_minute


lives = st.lists(st.tuples(st.floats(0, 90), st.floats(1, 130)), min_size=1, max_size=6)


@given(lives, st.sampled_from([1.0, 2.5, 30.0, 200.0, 1500.0]), st.randoms())
@settings(max_examples=12, deadline=None)
def test_processes_that_come_and_go_never_make_it_more(
    lives: list[tuple[float, float]], per_minute: float, chance: object
) -> None:
    """What one had leased when it died is nobody's; one that begins has no burst of its own."""
    random.seed(str(chance))
    ledger = Ledger()
    processes = [Process(number, ledger, per_minute, slow=0.1) for number in range(len(lives))]
    turns = sorted({0.0, 130.0} | {moment for begin, length in lives for moment in (begin, begin + length)})

    for begin, end in pairwise(moment for moment in turns if moment <= 130):
        for process, (born, length) in zip(processes, lives, strict=True):
            process.dead = not born <= begin < born + length
        run(processes, begin, end)

    assert most_in(60, processes) <= per_minute


def test_two_share_fairly_and_ask_about_once_a_second() -> None:
    """None of them starves."""
    ledger = Ledger()
    processes = [Process(number, ledger, 1000) for number in range(2)]

    run(processes, 0, 60)

    one, other = (len(process.sent) for process in processes)
    assert abs(one - other) <= 0.05 * (one + other)
    assert ledger.questions <= 60 * 4


def test_one_that_needs_little_leaves_the_rest_to_the_others() -> None:
    """It leases what it needs, one at a time where that is little."""
    ledger = Ledger()
    busy, quiet = Process(0, ledger, 600), Process(1, ledger, 600, hungry=0.2)

    run([busy, quiet], 0, 120)

    assert len(quiet.sent) == pytest.approx(24, abs=1)
    assert len(busy.sent) >= 0.9 * (1200 - 24)


def test_one_that_dies_costs_no_more_than_what_it_had_leased() -> None:
    """The other has the whole limit after that."""
    ledger = Ledger()
    processes = [Process(number, ledger, 1000) for number in range(2)]
    run(processes, 0, 30)
    before = len(processes[1].sent)

    processes[0].dead = True
    run(processes, 30, 60)

    assert len(processes[1].sent) - before >= 0.97 * 500 - 1000 / 60
    assert most_in(60, processes) <= 1000


def test_one_that_cannot_reach_the_ledger_stops_and_leaves_the_limit_to_the_others() -> None:
    """What it has in hand is over within seconds; once the ledger is back, it goes on."""
    ledger = Ledger()
    processes = [Process(number, ledger, 1000) for number in range(2)]
    run(processes, 0, 30)

    processes[0].away = True
    run(processes, 30, 90)
    cut_off, other = (sum(33 <= at < 90 for at in process.sent) for process in processes)
    processes[0].away = False
    run(processes, 90, 110)

    assert cut_off == 0
    assert other >= 0.95 * 1000 / 60 * 57
    assert sum(at >= 100 for at in processes[0].sent) >= 0.45 * 1000 / 6
    assert most_in(60, processes) <= 1000


def test_a_ledger_that_is_set_up_anew_is_asked_again() -> None:
    """After a failure, within about a second."""
    process = Process(0, Ledger(), 1000)
    process.away = True
    run([process], 0, 25)

    process.away = False
    run([process], 25, 28)

    assert process.sent


def test_a_provider_that_asks_to_wait_is_heard_by_all() -> None:
    """Told once; what others tell is not told again."""
    told: list[float] = []
    bucket = TellingBucket(told.append)

    bucket.close(50.0)
    bucket.close(50.1)
    bucket.heard(90.0)

    assert told == [50.0]
    assert bucket.closed(40.0) == 50.0
    assert bucket.held(40.0) == 50.0


def test_no_room_for_creates_is_told_too() -> None:
    """The gate of every process closes."""
    told: list[float] = []
    gate = SharedGate(TellingBucket(told.append), told.append)

    gate.full(10.0, 4.0)
    gate.full(10.2, 4.0)
    gate.heard(10.0, 9.0)

    assert told == [14.0]
    assert gate.slot(11.0) == 8.0


@pytest.mark.parametrize("shared", [False, True])
def test_creates_and_looks_take_turns_where_both_wait(shared: bool) -> None:
    """Both count against the same limit, and neither waits for all of the other kind."""
    process = Process(0, Ledger(), 600)
    bucket = process.bucket if shared else Bucket(600)
    gate = Gate(bucket=bucket)
    looks, creates = list[float](), list[float]()
    look_at, waiting = 0.0, dict.fromkeys(range(400), 0.0)
    held = False

    for number in range(round(30 / STEP)):
        now = process._now = number * STEP
        process._correspond(now)
        while look_at <= now:
            wait = bucket.short(now) if held else bucket.draw(now)
            held = wait > 0
            if held:
                look_at = now + wait
            else:
                looks.append(now)
        for one in [one for one, at in waiting.items() if at <= now]:
            wait = gate.slot(now)
            waiting[one] = now + wait
            if wait == 0:
                creates.append(now)
                del waiting[one]

    assert len(looks) + len(creates) <= 10 + 600 / 2 + 1
    assert len(looks) + len(creates) >= 0.95 * 600 / 2
    assert min(len(looks), len(creates)) >= 0.25 * 300
