"""What a worker counts: the steps of the tasks that it drives, and how long they waited to be sent."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable

from taskferry.hookspecs import Change, hookimpl
from taskferry.status import Status

BOUNDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200)
"""Bounds of the ranges, in seconds, that waits fall into."""


class Waits:
    """Lengths of time, counted by range."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        """How many fell into each range; the last takes what is longer than every bound."""
        self.total = 0.0
        """Seconds."""

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


class Tally:
    """An observer of task changes; those that another process made are left to that one's tally."""

    def __init__(self) -> None:
        self.steps: Counter[tuple[str, str, Status]] = Counter()
        """By provider, operation, and the status that was come to."""
        self.waits: dict[str, Waits] = {}
        """By provider: from asking for a job to the provider's taking it."""
        self.follows: Callable[[str], bool] = lambda _: False
        """Tells whether another process drives a task."""

    @hookimpl
    def taskferry_task_changed(self, change: Change) -> None:
        """Count a step; what only tells of progress is none."""
        before, after = change.before, change.after
        if before is None or before.status is after.status or self.follows(after.id):
            return
        self.steps[after.provider, after.operation, after.status] += 1
        if before.submitted_at is None and after.submitted_at is not None:
            waits = self.waits.setdefault(after.provider, Waits())
            waits.add(max(after.submitted_at - after.created_at, 0.0))

    def ended(self) -> dict[str, int]:
        """Give how many tasks came to each end."""
        found: Counter[str] = Counter()
        for (_, _, status), count in self.steps.items():
            if status.terminal:
                found[status.value] += count
        return dict(sorted(found.items()))
