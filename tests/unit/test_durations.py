"""How long jobs of one kind take: learned from past ones, quick to notice that they changed, deaf to nonsense."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry import Typical
from taskferry.poller.calibration import calibrated, half_way
from taskferry.poller.durations import KEPT, Durations
from taskferry.poller.mixture import mixture
from taskferry.poller.regime import changes

TYPICAL = Typical(median=60, slow=150, queue=10)
seconds = st.floats(0, 1e9)


def runs(count: int, median: float, spread: float = 0.4, seed: int = 1) -> list[float]:
    random = Random(seed)
    return [median * math.exp(random.gauss(0, spread)) for _ in range(count)]


def likely(durations: Durations, low: float, high: float) -> float:
    return durations.density.below(math.log(high)) - durations.density.below(math.log(low))


@pytest.mark.parametrize("past", [[], [20.0], [20.0, 5000.0], runs(40, 60)])
def test_all_that_is_known_sums_to_one(past: list[float]) -> None:
    """Whatever it was blended from."""
    density = mixture(60, 150, past)

    assert sum(density.masses) == pytest.approx(1, abs=0.01)


def test_nothing_past_leaves_the_operations_word_and_room_for_doubt() -> None:
    """Half end before the median; some may take ten times as long."""
    durations = Durations(TYPICAL)

    assert durations.typical == TYPICAL
    assert likely(durations, 1e-3, 60) == pytest.approx(0.5, abs=0.05)
    assert 0.001 < likely(durations, 600, 1e6) < 0.1


def test_past_jobs_outweigh_the_operations_word() -> None:
    """A few already, many entirely."""
    few = Durations(TYPICAL, [(1.0, run, None) for run in runs(5, 600)])
    many = Durations(TYPICAL, [(1.0, run, None) for run in runs(100, 600)])

    assert likely(few, 1e-3, 150) < 0.1
    assert likely(many, 1e-3, 150) < 0.01
    assert many.typical.median == pytest.approx(600, rel=0.15)


def test_two_usual_durations_stay_two() -> None:
    """What lies between them is unlikely, not likeliest."""
    both = zip(runs(100, 20, 0.1), runs(100, 300, 0.1), strict=True)
    durations = Durations(TYPICAL, [(0.0, run, None) for pair in both for run in pair])

    assert likely(durations, 50, 150) < 0.05
    assert likely(durations, 10, 40) > 0.3
    assert likely(durations, 200, 450) > 0.3


def test_sharp_edges_stay_sharp() -> None:
    """Jobs that all take five minutes are not expected after four."""
    durations = Durations(TYPICAL, [(0.0, run, None) for run in (270 + 60 * Random(3).random() for _ in range(200))])

    assert likely(durations, 1e-3, 255) < 0.005


@pytest.mark.parametrize("factor", [3.0, 1 / 3])
def test_a_change_is_noticed_within_tens_of_tasks(factor: float) -> None:
    """Today everything takes three times or a third as long, and most of what is expected moves along."""
    durations = Durations(TYPICAL, [(0.0, run, None) for run in runs(200, 60)])

    for run in runs(20, 60 * factor, seed=2):
        durations.learn(0.0, run)

    assert likely(durations, 60 * factor / 2.5, 60 * factor * 2.5) > 0.8
    assert durations.typical.median == pytest.approx(60 * factor, rel=0.4)
    assert likely(durations, 50, 70) > 0.005


def test_without_a_change_none_is_found() -> None:
    """Chance alone moves nothing, in a hundred histories."""
    found = [changes([math.log(run) for run in runs(200, 60, 0.6, seed)]) for seed in range(100)]

    assert sum(map(bool, found)) <= 2


def test_each_of_several_changes_is_found() -> None:
    """Slower yesterday, quicker again today."""
    logs = [math.log(run) for run in [*runs(60, 60, 0.2), *runs(60, 200, 0.2), *runs(20, 30, 0.2)]]

    found = changes(logs)

    assert [begin for begin, _ in found][-1] == 120
    assert found[-1][1] == pytest.approx(math.log(30 / 200), abs=0.6)


def test_old_jobs_are_forgotten() -> None:
    """A process that runs for a year holds no more of them than at its start."""
    durations = Durations(TYPICAL)

    for run in runs(KEPT + 300, 60):
        durations.learn(0.0, run, 0.5)

    assert len(durations._past) == KEPT


@pytest.mark.parametrize("job", [(-1.0, 5.0), (5.0, -1.0), (math.nan, 5.0), (0.0, math.inf), (0.0, 0.0)])
def test_durations_that_cannot_be_are_not_learned(job: tuple[float, float]) -> None:
    """A clock that jumped teaches nothing."""
    durations = Durations(TYPICAL, [(*job, None)] * 5)

    durations.learn(*job)

    assert durations.typical == TYPICAL


@given(st.lists(st.tuples(seconds, seconds), min_size=3, max_size=40))
def test_what_is_learned_lies_within_what_was_seen(past: list[tuple[float, float]]) -> None:
    """The middle, and what nineteen of twenty stay below."""
    known = [job for job in past if sum(job) > 0]
    typical = Durations(TYPICAL, [(*job, None) for job in past]).typical

    if len(known) < 3:
        assert typical == TYPICAL
    else:
        lasted = [run for _, run in known]
        assert min(lasted) <= typical.median <= typical.slow <= max(lasted)
        assert min(queue for queue, _ in known) <= typical.queue <= max(queue for queue, _ in known)


@given(st.floats(0.01, 0.99), st.floats(0.3, 3))
def test_one_value_of_progress_tells_when_it_was_one_half(share: float, power: float) -> None:
    """Looks seldom fall on the very middle."""
    half = half_way(share**power, 200 * share, 200)

    assert half is not None
    assert half**power == pytest.approx(0.5, rel=1e-6)


@pytest.mark.parametrize(
    "nonsense", [(0.0, 5, 10), (1.0, 5, 10), (0.5, 0, 10), (0.5, 12, 10), (0.5, 5, math.inf), (math.nan, 5, 10)]
)
def test_no_half_comes_from_nonsense(nonsense: tuple[float, float, float]) -> None:
    """Progress that was never seen under way, or ages beyond the run."""
    assert half_way(*nonsense) is None


def test_calibration_learns_how_progress_runs_and_how_far_it_is_to_be_trusted() -> None:
    """From little it concludes little."""
    mean, spread = calibrated([0.25] * 200)
    few, unsure = calibrated([0.25])

    assert mean == pytest.approx(math.log(0.5), abs=0.02)
    assert spread < 0.1 < 0.3 < unsure
    assert abs(few) < abs(mean)


@pytest.mark.parametrize("half", [0.0, 1.0, -2.0, 7.0, math.nan])
def test_halves_that_cannot_be_teach_nothing(half: float) -> None:
    """A ledger written by something else is read all the same."""
    assert calibrated([half]) == calibrated([])
