"""Deadlines: when watching ends; the task's status is none of their business."""

from __future__ import annotations

import math

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from taskferry import Kind, Snapshot, Status, Typical
from taskferry.poller.deadlines import DEADLINES, Deadlines

HOUR = 3600.0
QUICK, SLOW = Typical(median=5, slow=20), Typical(median=600, slow=1200)
TASK = Snapshot(id="t", provider="acme", operation="acme/image", status=Status.RUNNING)


@pytest.mark.parametrize(
    ("status", "typical", "longest", "told"),
    [
        (Status.PREPARED, QUICK, 6 * HOUR, "taken no new jobs for 6 h"),
        (Status.QUEUED, QUICK, 6 * HOUR, "queue for more than 6 h"),
        (Status.RUNNING, QUICK, HOUR / 2, "more than 30 min"),
        (Status.RUNNING, SLOW, 12_000.0, "more than 3 h"),
    ],
    ids=["taken by nobody", "queued", "running, quick kind", "running, slow kind"],
)
def test_each_stage_has_a_deadline_of_its_own(status: Status, typical: Typical, longest: float, told: str) -> None:
    """It counts from when the status was first seen, and says what was waited for."""
    deadlines = Deadlines().fitted(typical)

    assert deadlines.end(evolve(TASK, status=status), 100.0, 5000.0) == 100.0 + longest
    assert told in deadlines.reason(status, longest)


def test_a_run_that_told_of_progress_may_not_stand_still_for_long() -> None:
    """Any change gives it the whole time again; a provider that never tells of progress is not held to this."""
    deadlines = Deadlines(run=4 * HOUR, stall=600)

    silent = deadlines.end(TASK, 0.0, 1000.0)
    telling = deadlines.end(evolve(TASK, progress=0.4), 0.0, 1000.0)

    assert (silent, telling) == (4 * HOUR, 1600.0)
    assert deadlines.reason(Status.RUNNING, 1600.0) == "Nothing about it has changed for 10 min."


def test_progress_does_not_make_a_run_endless() -> None:
    """The deadline of the run stands."""
    assert Deadlines(run=1000, stall=600).end(evolve(TASK, progress=0.9), 0.0, 900.0) == 1000.0


def test_films_may_take_longer_than_pictures() -> None:
    """Each kind of media has its own."""
    assert DEADLINES.keys() == set(Kind)
    assert DEADLINES[Kind.VIDEO].run > DEADLINES[Kind.MODEL].run > DEADLINES[Kind.IMAGE].run


ELSEWHERE = [status for status in Status if not status.watched and status is not Status.PREPARED]


@given(st.sampled_from(ELSEWHERE), st.floats(0, 1e12))
def test_nothing_that_is_not_watched_has_a_deadline(status: Status, now: float) -> None:
    """Ends stay ends, and an unconfirmed task waits for a decision."""
    assert Deadlines().end(evolve(TASK, status=status), 0.0, now) == math.inf
