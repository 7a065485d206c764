"""When to look at a task next: a pure function without a clock."""

from __future__ import annotations

import math
from typing import Protocol

from attrs import frozen

from taskferry.poller.durations import Durations
from taskferry.status import Status

LONGEST_HINT = 300.0
"""Seconds; a server that asks for more is asked again after this long."""
_OLDEST = 1e9
_FURTHEST = 1000
"""Places in a queue; beyond that a queue's length tells nothing more."""


class Seen(Protocol):
    """What is read of a task in flight."""

    @property
    def status(self) -> Status: ...
    @property
    def progress(self) -> float | None: ...
    @property
    def eta(self) -> float | None: ...
    @property
    def queue_position(self) -> int | None: ...
    @property
    def progress_age(self) -> float | None:
        """Seconds after the present status began at which the present progress and ETA were first seen."""


@frozen(kw_only=True)
class Limits:
    """Bounds of the pauses between looks, in seconds."""

    shortest: float = 0.5
    longest: float = 300.0
    worth: float = 0.107
    """Seconds of lateness that are as bad as one look more."""

    def scaled(self, speed: float) -> Limits:
        """Fit the bounds to a provider that runs `speed` times faster than a real one."""
        return Limits(shortest=self.shortest / speed, longest=self.longest / speed, worth=self.worth / speed)


def next_look(
    age: float,
    seen: Seen,
    durations: Durations,
    limits: Limits,
    *,
    retry_after: float | None = None,
    asked_ago: float = 0.0,
    spread: float = 0.5,
) -> float:
    """Give the seconds to wait before the next look.

    `age` is how many seconds the task has been in its present status, `asked_ago` how many seconds ago the last look
    left; `spread`, 0..1, is the jitter. What the server asks for comes first, then its ETA, then progress, then what
    past jobs took: looks are sparse while an end is unlikely, closest around the likely end, and thin out after it.
    """
    if retry_after is not None and 0 < retry_after < math.inf:
        return max(limits.shortest, min(retry_after, LONGEST_HINT)) * (1 + 0.1 * spread)
    age = min(age, _OLDEST) if age > 0 else 0.0
    asked_ago = asked_ago if 0 < asked_ago < age else 0.0
    step = (0.95 + 0.1 * spread) * math.sqrt(2 * limits.worth)
    pause = _pause(age - asked_ago, seen, durations, step) - asked_ago
    return min(max(pause, limits.shortest), limits.longest)


def _pause(age: float, seen: Seen, durations: Durations, step: float) -> float:
    if seen.status is Status.QUEUED:
        ahead = min(max(seen.queue_position or 0, 0), _FURTHEST)
        # the hazard of beginning is the smaller the more are ahead; looks follow its root
        return (durations.queued.following(age, step) - age) * math.sqrt(1 + ahead)
    since = age if seen.progress_age is None or not 0 <= seen.progress_age <= age else seen.progress_age
    eta, progress = seen.eta, seen.progress
    if eta is not None and 0 <= eta < math.inf:
        schedule, unit = durations.by_eta(min(eta, _OLDEST), since)
    elif progress is not None and 0 < progress <= 1 and since > 0:
        schedule, unit = durations.by_progress(progress, since)
    else:
        return durations.running.following(age, step) - age
    told = schedule.following((age - since) / unit, step / math.sqrt(unit)) * unit - (age - since)
    return told if told < math.inf else durations.running.following(age, step) - age
