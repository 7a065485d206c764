"""When to look next: what the server asks for first, then what is known of such jobs; always finite and bounded."""

from __future__ import annotations

import math
from random import Random

import pytest
from attrs import define, evolve
from hypothesis import given
from hypothesis import strategies as st

from taskferry import Status, Typical
from taskferry.poller.durations import Durations
from taskferry.poller.next_look import LONGEST_HINT, Limits, next_look

TYPICAL = Typical(median=60, slow=150, queue=10)
LIMITS = Limits()


@define(kw_only=True)
class Task:
    """What `next_look` reads of a task in flight."""

    status: Status = Status.RUNNING
    progress: float | None = None
    eta: float | None = None
    queue_position: int | None = None
    progress_age: float | None = None


RUNNING, QUEUED = Task(), Task(status=Status.QUEUED)
TOLD = Durations(TYPICAL)
LEARNED = Durations(TYPICAL, [(10.0 * (0.5 + place / 100), 270.0 + 0.6 * place, None) for place in range(100)])
"""A hundred runs of five minutes, give or take a tenth."""


def pause(age: float, task: Task = RUNNING, durations: Durations = LEARNED, *, spread: float = 0.5) -> float:
    return next_look(age, task, durations, LIMITS, spread=spread)


@pytest.mark.parametrize(
    ("retry_after", "expected"), [(7.0, 7.0), (0.2, LIMITS.shortest), (3600.0, LONGEST_HINT), (3.15e7, LONGEST_HINT)]
)
def test_what_the_server_asks_for_comes_first(retry_after: float, expected: float) -> None:
    """Whatever else is known, never earlier than asked; who asks for a year is asked again in five minutes."""
    task = Task(eta=2.0, progress=0.99, progress_age=50)

    assert next_look(50, task, LEARNED, LIMITS, retry_after=retry_after, spread=0.0) == expected


@pytest.mark.parametrize("nonsense", [0.0, -5.0, math.nan, math.inf, -math.inf])
def test_a_hint_that_is_none_is_passed_over(nonsense: float) -> None:
    """As if it had not come."""
    task = Task(eta=nonsense or None, progress=nonsense, progress_age=nonsense)

    assert next_look(50, task, LEARNED, LIMITS, retry_after=nonsense) == pause(50)


def test_looks_are_sparse_before_an_end_is_likely_and_close_while_it_is() -> None:
    """Nothing ever ended before 270 s, everything before 330 s."""
    first = pause(0)
    usual = [pause(age) for age in range(280, 320)]

    assert 200 < first < 275
    assert max(usual) < 5


def test_a_task_that_outlives_all_others_is_looked_at_ever_more_seldom() -> None:
    """The older, the longer it is likely to go on."""
    assert pause(310) < pause(400) < pause(1000) <= LIMITS.longest


def test_an_eta_is_an_estimate_that_looks_gather_around() -> None:
    """Some come before it is over, most around its end."""
    task = Task(eta=100.0, progress_age=20)

    early, near = pause(20, task, TOLD), pause(115, task, TOLD)

    assert 20 < early < 100
    assert near < early / 3


def test_an_eta_that_is_absurd_does_not_send_a_task_to_sleep() -> None:
    """What is known of such jobs outweighs it."""
    task = Task(eta=1e6, progress_age=280)

    assert pause(280, task) < 60


def test_progress_tells_how_much_is_left() -> None:
    """Near the end looks are close."""
    half, nearly = Task(progress=0.5, progress_age=48), Task(progress=0.97, progress_age=48)

    assert pause(48, nearly, TOLD) < 4 < pause(48, half, TOLD) < 48


def test_progress_is_read_as_past_runs_have_taught() -> None:
    """One that rushes to one half in a tenth of the time and then crawls is no sign of a near end."""
    honest = Durations(TYPICAL, [(0.0, 60.0 + place, 0.5) for place in range(50)])
    hasty = Durations(TYPICAL, [(0.0, 60.0 + place, 0.1) for place in range(50)])
    task = Task(progress=0.9, progress_age=60)

    assert pause(60, task, hasty) > 2 * pause(60, task, honest)


@pytest.mark.parametrize("progress", [1.0, 0.99, 0.0])
@pytest.mark.parametrize("durations", [TOLD, LEARNED])
def test_progress_that_stays_where_it_is_neither_starves_nor_floods(progress: float, durations: Durations) -> None:
    """Jumped there after two seconds, it costs few looks more than none and delays the end little."""
    task, age, looks = Task(progress=progress, progress_age=2.0), 2.0, 0
    while age < 300:
        age += pause(age, task, durations)
        looks += 1

    assert looks <= 75
    assert age - 300 < 15


def test_an_eta_that_stays_the_same_is_worn_down_by_time() -> None:
    """Two seconds left since four minutes means nothing any more, and does not cost a look a second."""
    stuck, fresh = Task(eta=2.0, progress_age=60), Task(eta=2.0, progress_age=300)

    assert pause(300, stuck, TOLD) > 3 * pause(300, fresh, TOLD)


def test_a_waiting_task_is_looked_at_for_its_beginning() -> None:
    """Sooner than the end of a whole job could come."""
    assert pause(0, QUEUED) < pause(0, RUNNING) / 4


def test_a_task_that_never_shows_that_it_runs_is_looked_at_for_its_end() -> None:
    """Because past ones were not seen running either."""
    silent = Durations(TYPICAL, [(0.0, 270.0 + 0.6 * place, None) for place in range(100)])

    assert pause(300, QUEUED, silent) < 6


def test_a_place_in_the_queue_makes_looks_sparser() -> None:
    """The further back, the longer the pause."""
    assert pause(5, evolve(QUEUED, queue_position=8)) == pytest.approx(3 * pause(5, evolve(QUEUED, queue_position=0)))


def test_jitter_moves_a_look_along_its_schedule() -> None:
    """So that tasks submitted together do not stay together, and sparse looks are not thrown far off."""
    low, middle, high = (pause(290, spread=spread) for spread in (0.0, 0.5, 1.0))

    assert low < middle < high < 1.2 * low


def test_the_round_trip_is_counted_in() -> None:
    """The schedule goes by when looks leave, not by when their answers come."""
    task = Task()

    assert next_look(290.0, task, LEARNED, LIMITS, asked_ago=0.5) == pytest.approx(pause(289.5) - 0.5)


def test_bounds_fit_a_provider_that_runs_faster() -> None:
    """A hundred times the speed, a hundredth of the pauses."""
    fast = LIMITS.scaled(100)

    assert (fast.shortest, fast.longest, fast.worth) == pytest.approx((0.005, 3.0, LIMITS.worth / 100))


anything = st.none() | st.floats()
tasks = st.builds(
    Task,
    status=st.sampled_from([Status.QUEUED, Status.RUNNING]),
    progress=anything,
    eta=anything,
    queue_position=st.none() | st.integers(),
    progress_age=anything,
)
jobs = st.lists(st.tuples(st.floats(), st.floats(), anything), max_size=12)


@given(
    age=st.floats(),
    task=tasks,
    typical=st.builds(Typical, median=st.floats(), slow=st.floats(), queue=st.floats()),
    past=jobs,
    speed=st.floats(0.01, 1000),
    retry_after=anything,
    asked_ago=st.floats(),
    spread=st.floats(0, 1),
)
def test_every_pause_is_finite_and_bounded(
    age: float,
    task: Task,
    typical: Typical,
    past: list[tuple[float, float, float | None]],
    speed: float,
    retry_after: float | None,
    asked_ago: float,
    spread: float,
) -> None:
    """Whatever the server says, the clock does and was learned."""
    limits = LIMITS.scaled(speed)

    wait = next_look(
        age, task, Durations(typical, past), limits, retry_after=retry_after, asked_ago=asked_ago, spread=spread
    )

    assert limits.shortest <= wait <= 1.1 * max(limits.longest, limits.shortest, LONGEST_HINT)
    if retry_after is None:
        assert wait <= limits.longest


def test_tasks_of_a_minute_cost_few_looks_and_are_seen_soon() -> None:
    """Without any past, by the operation's own word alone."""
    random, looks, late = Random(1), 0, 0.0
    for _ in range(200):
        end, age = 60 * math.exp(random.gauss(0, 0.5)), 0.0
        while age < end:
            age += pause(age, durations=TOLD, spread=random.random())
            looks += 1
        late += age - end

    assert looks / 200 < 20
    assert late / 200 < 2.5
