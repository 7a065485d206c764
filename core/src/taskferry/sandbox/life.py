"""The life of a job as a pure function of elapsed time: queued, running, then an end; nothing runs meanwhile."""

from __future__ import annotations

import math
from enum import StrEnum

from attrs import frozen

from taskferry.sandbox.faults import Script

_LONGEST_PROGRESS = 0.99
_UNKNOWN_FROM = 0.25


class Stage(StrEnum):
    """Where a job stands, in words of no provider."""

    QUEUED = "queued"
    RUNNING = "running"
    UNKNOWN = "unknown"
    """It runs, and the stand-in calls that by a word nobody has heard."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    MODERATED = "moderated"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@frozen
class Moment:
    """A job at one moment."""

    stage: Stage
    progress: float
    """How much of the present stage is over, 0..1."""

    @property
    def ended(self) -> bool:
        """Tell whether the job is over."""
        return self.stage not in (Stage.QUEUED, Stage.RUNNING, Stage.UNKNOWN)


@frozen(kw_only=True)
class Life:
    """How long a job waits and runs, in seconds of the stand-in's clock, and how it ends."""

    queue: float
    run: float
    end: Stage = Stage.SUCCEEDED
    code: str | None = None
    """The code asked for in the fault that ends it, such as `provider_error`."""
    stuck: bool = False
    unknown: bool = False

    @classmethod
    def scripted(cls, script: Script, *, queue: float, run: float, speed: float) -> Life:
        """Make the life that a script asks for; `queue` and `run` are its usual lengths before the speed."""
        queue = float(script.word("queue") or queue)
        run = float(script.word("run") or run)
        end = next((stage for token, stage in _ENDS.items() if script.has(token)), Stage.SUCCEEDED)
        code = next((script.word(token) for token in _ENDS if script.has(token)), None)
        return cls(
            queue=queue / speed,
            run=0.0 if end is Stage.EXPIRED else run / speed,
            end=end,
            code=code,
            stuck=script.has("stuck"),
            unknown=script.has("unknown-status"),
        )

    @property
    def length(self) -> float:
        """Seconds from creation to end; infinite for a job that is stuck."""
        return math.inf if self.stuck else self.queue + self.run

    def at(self, elapsed: float) -> Moment:
        """Tell where the job stands this many seconds after its creation."""
        elapsed = max(elapsed, 0.0)
        if elapsed < self.queue:
            return Moment(Stage.QUEUED, elapsed / self.queue)
        if elapsed >= self.length:
            return Moment(self.end, 1.0)
        progress = min((elapsed - self.queue) / self.run, _LONGEST_PROGRESS) if self.run else _LONGEST_PROGRESS
        return Moment(Stage.UNKNOWN if self.unknown and progress >= _UNKNOWN_FROM else Stage.RUNNING, progress)


_ENDS = {
    "fail": Stage.FAILED,
    "moderated": Stage.MODERATED,
    "expired": Stage.EXPIRED,
    "cancelled": Stage.CANCELLED,
}
