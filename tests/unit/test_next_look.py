"""When to look next: what the server asks for first, then what is known of such jobs; always finite and bounded."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from taskferry import Snapshot, Status, Typical
from taskferry.poller.next_look import LONGEST_HINT, Limits, learned, next_look

TYPICAL = Typical(median=60, slow=150, queue=10)
LIMITS = Limits()
RUNNING = Snapshot(id="t", provider="acme", operation="acme/video", status=Status.RUNNING)
QUEUED = evolve(RUNNING, status=Status.QUEUED)


def pause(age: float, snapshot: Snapshot = RUNNING, *, retry_after: float | None = None, spread: float = 0.5) -> float:
    return next_look(age, snapshot, TYPICAL, LIMITS, retry_after=retry_after, spread=spread)


@pytest.mark.parametrize(
    ("retry_after", "expected"), [(7.0, 7.0), (0.2, LIMITS.shortest), (3600.0, LONGEST_HINT), (45.0, 45.0)]
)
def test_what_the_server_asks_for_comes_first(retry_after: float, expected: float) -> None:
    """Also beyond our own longest pause, and whatever else is known; never earlier than asked."""
    snapshot = evolve(RUNNING, eta=2.0, progress=0.99)

    assert pause(50, snapshot, retry_after=retry_after, spread=0.0) == expected


@pytest.mark.parametrize("nonsense", [0.0, -5.0, float("nan"), float("inf")])
def test_a_hint_that_is_none_is_passed_over(nonsense: float) -> None:
    """As if it had not come."""
    assert pause(50, retry_after=nonsense) == pause(50)


def test_an_eta_is_approached_and_not_overslept() -> None:
    """It is a guess of the server's, so we come a little early."""
    assert pause(100, evolve(RUNNING, eta=20.0)) == pytest.approx(12.0)


def test_progress_tells_how_much_is_left() -> None:
    """Half of what remains; near the end looks are close."""
    mostly, nearly = evolve(RUNNING, progress=0.8), evolve(RUNNING, progress=0.97)

    assert pause(48, mostly) == pytest.approx(6.0)
    assert pause(60, nearly) < 4


def test_without_hints_looks_are_sparse_then_close_then_sparse_again() -> None:
    """An end is unlikely early, likely around the usual duration, and anybody's guess long after it."""
    early, usual, late = pause(20), pause(60), pause(600)

    assert early > usual
    assert late > usual


def test_a_place_in_the_queue_makes_looks_sparser() -> None:
    """The further back, the longer the pause."""
    assert pause(20, evolve(QUEUED, queue_position=4)) > pause(20, evolve(QUEUED, queue_position=0))


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_a_young_task_is_looked_at_soon_however_long_such_jobs_used_to_take(status: Status) -> None:
    """Yesterday's durations may no longer hold."""
    hours = Typical(median=7200, slow=14400, queue=3600)

    wait = next_look(0.0, evolve(RUNNING, status=status, eta=3600.0), hours, LIMITS)

    assert wait <= 3 * LIMITS.shortest


def test_jitter_spreads_looks_by_a_tenth_to_either_side() -> None:
    """So that tasks submitted together do not stay together."""
    low, middle, high = (pause(60, spread=spread) for spread in (0.0, 0.5, 1.0))

    assert (low / middle, high / middle) == (pytest.approx(0.9), pytest.approx(1.1))


seconds = st.floats(0, 1e9)
snapshots = st.builds(
    Snapshot,
    id=st.just("t"),
    provider=st.just("acme"),
    operation=st.just("acme/video"),
    status=st.sampled_from([Status.QUEUED, Status.RUNNING]),
    progress=st.none() | st.floats(0, 1),
    queue_position=st.none() | st.integers(0, 10**6),
    eta=st.none() | seconds,
)


@given(
    age=st.floats(-1e6, 1e12),
    snapshot=snapshots,
    typical=st.builds(Typical, median=seconds, slow=seconds, queue=seconds),
    limits=st.floats(0.01, 100).map(LIMITS.scaled),
    retry_after=st.none() | st.floats(),
    spread=st.floats(0, 1),
)
def test_every_pause_is_finite_positive_and_bounded(
    age: float, snapshot: Snapshot, typical: Typical, limits: Limits, retry_after: float | None, spread: float
) -> None:
    """Whatever the server says and whatever was learned."""
    wait = next_look(age, snapshot, typical, limits, retry_after=retry_after, spread=spread)

    assert 0.9 * limits.shortest <= wait <= 1.1 * max(limits.longest, limits.shortest, LONGEST_HINT)
    if retry_after is None:
        assert wait <= 1.1 * limits.longest


def test_looks_at_a_usual_job_are_few() -> None:
    """A minute's job without any hint costs some fifteen looks, and is seen within seconds of its end."""
    age, looks = 0.0, 0
    while age < 60:
        age += pause(age)
        looks += 1

    assert looks <= 15
    assert age - 60 < 5


def test_three_past_runs_are_needed_to_learn_from() -> None:
    """Fewer say too little."""
    assert learned(TYPICAL, [(1, 20), (2, 30)]) is TYPICAL


@given(st.lists(st.tuples(seconds, seconds), min_size=3, max_size=40))
def test_what_is_learned_lies_within_what_was_seen(runs: list[tuple[float, float]]) -> None:
    """The middle, and what nineteen of twenty stay below."""
    history = learned(TYPICAL, runs)

    durations = sorted(run for _, run in runs)
    assert durations[0] <= history.median <= history.slow <= durations[-1]
    assert min(queue for queue, _ in runs) <= history.queue <= max(queue for queue, _ in runs)
