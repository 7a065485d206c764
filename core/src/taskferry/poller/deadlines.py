"""When watching ends: a deadline parks a task and never fails it."""

from __future__ import annotations

from taskferry.operation import Typical
from taskferry.status import Status
from taskferry.task import Snapshot

QUEUE = 6 * 3600.0
"""Seconds that a job may wait at the provider before we stop watching."""
RUN_AT_LEAST = 1800.0
"""Seconds that a job may run, however quick its kind usually is."""
RUN_TIMES_SLOW = 10.0
"""How many times the slow end of its usual duration a job may run."""
SUBMIT = 6 * 3600.0
"""Seconds that a prepared job is offered to a provider that takes no more for now."""


def overdue(snapshot: Snapshot, typical: Typical, now: float) -> str | None:
    """Say why a task should no longer be watched; None while it should. `now` is in epoch seconds."""
    if snapshot.status is Status.PREPARED and now - snapshot.created_at > SUBMIT:
        return f"The provider has taken no new jobs for {SUBMIT / 3600:.0f} h."
    if snapshot.status is Status.QUEUED and now - (snapshot.submitted_at or now) > QUEUE:
        return f"It has waited in the provider's queue for more than {QUEUE / 3600:.0f} h."
    longest = max(RUN_AT_LEAST, RUN_TIMES_SLOW * typical.slow)
    if snapshot.status is Status.RUNNING and now - (snapshot.started_at or now) > longest:
        return f"It has been running for more than {longest / 60:.0f} min, far longer than usual."
    return None
