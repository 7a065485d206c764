"""Deadlines: when watching ends; the task's status is none of their business."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry import Snapshot, Status, Typical
from taskferry.poller.deadlines import QUEUE, RUN_AT_LEAST, RUN_TIMES_SLOW, SUBMIT, overdue

QUICK, SLOW = Typical(median=5, slow=20), Typical(median=600, slow=1200)


def task(status: Status, **times: float) -> Snapshot:
    return Snapshot(id="t", provider="acme", operation="acme/video", status=status, **times)


@pytest.mark.parametrize(
    ("snapshot", "typical", "longest", "told"),
    [
        (task(Status.PREPARED, created_at=100), QUICK, SUBMIT, "taken no new jobs for 6 h"),
        (task(Status.QUEUED, submitted_at=100), QUICK, QUEUE, "queue for more than 6 h"),
        (task(Status.RUNNING, started_at=100), QUICK, RUN_AT_LEAST, "more than 30 min"),
        (task(Status.RUNNING, started_at=100), SLOW, RUN_TIMES_SLOW * 1200, "more than 200 min"),
    ],
    ids=["taken by nobody", "queued", "running, quick kind", "running, slow kind"],
)
def test_each_stage_has_a_deadline_of_its_own(snapshot: Snapshot, typical: Typical, longest: float, told: str) -> None:
    """It is over just after its last moment, and says what was waited for."""
    assert overdue(snapshot, typical, 100 + longest) is None
    assert told in (overdue(snapshot, typical, 100 + longest + 1) or "")


def test_a_stage_that_has_no_known_beginning_is_not_overdue() -> None:
    """A clock of 1970 would end every task at once."""
    assert overdue(task(Status.QUEUED), QUICK, 1.7e9) is None
    assert overdue(task(Status.RUNNING), QUICK, 1.7e9) is None


ELSEWHERE = [status for status in Status if not status.watched and status is not Status.PREPARED]


@given(st.sampled_from(ELSEWHERE), st.floats(0, 1e12))
def test_nothing_that_is_not_watched_is_ever_overdue(status: Status, now: float) -> None:
    """Ends stay ends, and an unconfirmed task waits for a decision."""
    assert overdue(task(status, submitted_at=1.0, started_at=2.0), QUICK, now) is None


@given(st.sampled_from(Status), st.floats(-1e9, 0))
def test_a_clock_set_back_makes_nothing_overdue(status: Status, jump: float) -> None:
    """Times ahead of now are no time at all."""
    snapshot = task(status, created_at=1e9, submitted_at=1e9, started_at=1e9)

    assert overdue(snapshot, QUICK, 1e9 + jump) is None
