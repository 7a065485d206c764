"""Deadlines: when watching ends; the task's status is none of their business."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry import Status, Typical
from taskferry.poller.deadlines import QUEUE, RUN_AT_LEAST, RUN_TIMES_SLOW, SUBMIT, overdue

QUICK, SLOW = Typical(median=5, slow=20), Typical(median=600, slow=1200)


@pytest.mark.parametrize(
    ("status", "typical", "longest", "told"),
    [
        (Status.PREPARED, QUICK, SUBMIT, "taken no new jobs for 6 h"),
        (Status.QUEUED, QUICK, QUEUE, "queue for more than 6 h"),
        (Status.RUNNING, QUICK, RUN_AT_LEAST, "more than 30 min"),
        (Status.RUNNING, SLOW, RUN_TIMES_SLOW * 1200, "more than 200 min"),
    ],
    ids=["taken by nobody", "queued", "running, quick kind", "running, slow kind"],
)
def test_each_stage_has_a_deadline_of_its_own(status: Status, typical: Typical, longest: float, told: str) -> None:
    """It is over just after its last moment, and says what was waited for."""
    assert overdue(status, typical, longest) is None
    assert told in (overdue(status, typical, longest + 1) or "")


ELSEWHERE = [status for status in Status if not status.watched and status is not Status.PREPARED]


@given(st.sampled_from(ELSEWHERE), st.floats(0, 1e12))
def test_nothing_that_is_not_watched_is_ever_overdue(status: Status, seconds: float) -> None:
    """Ends stay ends, and an unconfirmed task waits for a decision."""
    assert overdue(status, QUICK, seconds) is None
