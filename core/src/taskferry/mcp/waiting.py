"""Waits for a task's end within bounds, telling its progress on the way; never cancels anything."""

from __future__ import annotations

from taskferry.handle import FerryTask
from taskferry.mcp.progress import Progress
from taskferry.status import Status
from taskferry.task import Finished

USUAL_WAIT, LONGEST_WAIT = 25.0, 50.0
"""Seconds; many clients give a call up after 60."""
_SLICE = 1.0
"""Seconds between progress notifications."""
STILL_UNDER_WAY = "Still under way; the wait is over, the job goes on."


async def wait_for_end(task: FerryTask, timeout: float, progress: Progress) -> bool:
    """Wait in slices, so that progress can be told; say whether the end was seen, files kept."""
    while True:
        outcome = await task.wait(min(_SLICE, timeout))
        if isinstance(outcome, Finished):
            return True
        timeout -= _SLICE
        if timeout <= 0 or not goes_on(task):
            return False
        await progress.tell(outcome.snapshot)


def goes_on(task: FerryTask) -> bool:
    """Tell whether the task can get further by itself."""
    return task.snapshot.parked is None and task.snapshot.status is not Status.UNCONFIRMED


def went_wrong(task: FerryTask) -> bool:
    """Tell whether a result about this task is an error: it ended without success, or may exist unseen."""
    status = task.snapshot.status
    return status is Status.UNCONFIRMED or (status.terminal and not status.ok)
