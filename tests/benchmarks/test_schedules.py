"""Fewer looks and sooner seen than by any other schedule: the shipped `next_look` in the simulator."""

from __future__ import annotations

import pytest

from benchmarks.schedules import report
from benchmarks.schedules.lives import HEAVY, LIVES, MIXTURE, PICTURE, STEADY, TIGHT, VIDEO, Life
from benchmarks.schedules.policies import PEERS
from taskferry.poller.next_look import Limits


def test_five_minutes_give_or_take_a_tenth_cost_a_dozen_looks() -> None:
    """With 200 past runs; the best there can be is 11.5 looks at the same lateness."""
    measured = report.shipped(STEADY, report.pasts(STEADY))

    assert measured.looks <= 12
    assert measured.late <= 1.5


def test_no_peer_looks_less_and_sees_sooner() -> None:
    """At a video, with 200 past runs and with none."""
    for count in (0, 200):
        ours = report.shipped(VIDEO, report.pasts(VIDEO, count))
        better = [
            peer.name
            for peer in PEERS
            if (theirs := report.of_peer(VIDEO, peer)).looks <= ours.looks and theirs.late <= ours.late
        ]

        assert better == []


def test_a_change_costs_little_after_ten_tasks() -> None:
    """From the eleventh on, jobs that take three times as long cost about what they will cost for good."""
    first, second, *_ = report.after_change(3.0, jobs=20, seeds=2)

    assert first.late < 6
    assert second.looks < 60
    assert second.late < 8


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("life", "most"), [(PICTURE, 1.05), (VIDEO, 1.05), (TIGHT, 1.15), (MIXTURE, 1.15), (HEAVY, 1.15), (STEADY, 1.15)]
)
def test_looks_are_close_to_the_fewest_there_can_be(life: Life, most: float) -> None:
    """At a mean lateness of one second, with 200 past runs, against dynamic programming that knows the truth."""
    assert report.over_bound(life) <= most


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name.split(",")[0])
def test_the_late_ones_are_not_later_than_with_a_fixed_interval(life: Life) -> None:
    """95 of 100, at equal looks, whatever a look is worth; without progress, with it, and with an ETA."""
    ratios = [
        report.late95_over_even(life, report.learned(life)),
        report.late95_over_even(life, report.told(life, report.PROGRESS)),
        report.late95_over_even(life, report.told(life, report.ETA)),
    ]

    assert max(ratios) <= 1.05


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name.split(",")[0])
def test_at_as_many_looks_as_an_exponential_backoff_ends_are_seen_far_sooner(life: Life) -> None:
    """Half the lateness without progress, a fifth of it with."""
    assert report.at_tripos_looks(life, report.learned(life)) <= 0.55
    assert report.at_tripos_looks(life, report.told(life, report.PROGRESS)) <= 0.2


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_table_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    """It goes into the documentation; here it is printed."""
    table = report.table()

    with capsys.disabled():
        print(f"\n{table}(worth {Limits().worth} s a look)")
    assert "taskferry" in table
