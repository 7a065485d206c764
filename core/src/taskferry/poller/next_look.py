"""When to look at a task next: a pure function without a clock."""

from __future__ import annotations

import math
from collections.abc import Sequence

from attrs import frozen

from taskferry.operation import Typical
from taskferry.status import Status
from taskferry.task import Snapshot

LONGEST_HINT = 300.0
"""Seconds; a server that asks for more is asked again after this long."""


@frozen(kw_only=True)
class Limits:
    """Bounds of the pauses between looks, in seconds."""

    shortest: float = 1.0
    longest: float = 30.0

    def scaled(self, speed: float) -> Limits:
        """Fit the bounds to a provider that runs `speed` times faster than a real one."""
        return Limits(shortest=self.shortest / speed, longest=self.longest / speed)


def next_look(
    age: float,
    snapshot: Snapshot,
    history: Typical,
    limits: Limits,
    *,
    retry_after: float | None = None,
    spread: float = 0.5,
) -> float:
    """Give the seconds to wait before the next look.

    `age` is how many seconds the task has been in its present status; `history` how long such jobs take; `spread`,
    0..1, is the jitter. What the server asks for comes first, then its ETA, then progress, then the typical duration:
    looks are sparse while an end is unlikely, closest around the usual duration, and thin out after it.
    """
    jitter = 0.9 + 0.2 * spread
    if retry_after is not None and math.isfinite(retry_after) and retry_after > 0:
        return max(limits.shortest, min(retry_after, LONGEST_HINT)) * (1 + 0.1 * spread)
    age = max(age, 0.0)
    # A guard against durations that are not what they were: no pause is much longer than the task is old.
    guard = 3.0 * limits.shortest + 0.25 * age
    return min(max(min(_pause(age, snapshot, history), guard), limits.shortest), limits.longest) * jitter


def _pause(age: float, snapshot: Snapshot, history: Typical) -> float:
    if snapshot.eta is not None:
        return snapshot.eta * 0.6
    step = history.median * 0.06
    if snapshot.status is Status.QUEUED:
        waiting = history.queue * 0.4 + history.median * 0.1 * min(snapshot.queue_position or 0, 10)
        return waiting if age <= history.slow else max(waiting, age * 0.1)
    if snapshot.progress is not None and 0.05 <= snapshot.progress < 1 and age > 0:
        left = age * (1 - snapshot.progress) / snapshot.progress
        return max(left * 0.5, step)
    if age < history.median * 0.6:
        return min(history.median * 0.6 - age, history.median * 0.3)
    if age <= history.slow:
        return step
    return max(step, (age - history.slow) * 0.2)


def learned(typical: Typical, runs: Sequence[tuple[float, float]]) -> Typical:
    """Blend an operation's typical durations with past (queue, run) seconds of the same kind of job."""
    if len(runs) < 3:
        return typical
    queues, durations = sorted(queue for queue, _ in runs), sorted(run for _, run in runs)
    return Typical(
        median=durations[len(durations) // 2],
        slow=durations[min(len(durations) - 1, int(len(durations) * 0.95))],
        queue=queues[len(queues) // 2],
    )
