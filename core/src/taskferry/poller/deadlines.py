"""When watching ends: a deadline parks a task and never fails it."""

from __future__ import annotations

from taskferry.operation import Typical
from taskferry.status import Status

QUEUE = 6 * 3600.0
"""Seconds that a job may wait at the provider before we stop watching."""
RUN_AT_LEAST = 1800.0
"""Seconds that a job may run, however quick its kind usually is."""
RUN_TIMES_SLOW = 10.0
"""How many times the slow end of its usual duration a job may run."""
SUBMIT = 6 * 3600.0
"""Seconds that a prepared job is offered to a provider that takes no more for now."""


def overdue(status: Status, typical: Typical, seconds: float) -> str | None:
    """Say why to stop watching a task after so many seconds of watching it in this status; None to go on.

    Watching is counted, not wall time: a clock that jumps ends nothing, and a task that is resumed has all its time
    again.
    """
    longest = max(RUN_AT_LEAST, RUN_TIMES_SLOW * typical.slow)
    if status is Status.PREPARED and seconds > SUBMIT:
        return f"The provider has taken no new jobs for {SUBMIT / 3600:.0f} h."
    if status is Status.QUEUED and seconds > QUEUE:
        return f"It has waited in the provider's queue for more than {QUEUE / 3600:.0f} h."
    if status is Status.RUNNING and seconds > longest:
        return f"It has been running for more than {longest / 60:.0f} min, far longer than usual."
    return None
