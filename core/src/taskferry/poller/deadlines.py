"""When watching ends: a deadline parks a task and never fails it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from attrs import evolve, frozen

from taskferry.operation import Typical
from taskferry.status import Status
from taskferry.task import Kind, Snapshot

_HOUR = 3600.0
_TIMES_SLOW = 10.0
"""How many times the slow end of its usual duration a job may run, if that is longer than its kind's deadline."""


@frozen(kw_only=True)
class Deadlines:
    """Seconds after which nobody watches a task any more, each for one thing that can take too long.

    Watching is counted, not wall time: a clock that jumps ends nothing, and a task that is resumed has all its time
    again.
    """

    submit: float = 6 * _HOUR
    """For a provider that takes no new jobs for now."""
    queue: float = 6 * _HOUR
    """Waiting at the provider."""
    run: float = _HOUR / 2
    """Being made."""
    stall: float = _HOUR / 4
    """Running without any change, at a provider that has told of progress."""

    def fitted(self, typical: Typical) -> Deadlines:
        """Give an operation that is usually slow the time that it needs."""
        return evolve(
            self,
            queue=max(self.queue, _TIMES_SLOW * typical.queue),
            run=max(self.run, _TIMES_SLOW * typical.slow),
            stall=max(self.stall, 3 * typical.slow),
        )

    def end(self, snapshot: Snapshot, since: float, now: float) -> float:
        """Give the monotonic time of the first deadline of a task that was changed now."""
        limit = self._of(snapshot.status)
        if snapshot.status is Status.RUNNING and snapshot.progress is not None:
            return min(since + limit, now + self.stall)
        return since + limit

    def reason(self, status: Status, age: float) -> str:
        """Say which deadline has passed, for a task that has been in this status for so many seconds."""
        limit = self._of(status)
        if age < limit:
            return f"Nothing about it has changed for {_words(self.stall)}."
        return {
            Status.PREPARED: f"The provider has taken no new jobs for {_words(limit)}.",
            Status.QUEUED: f"It has waited in the provider's queue for more than {_words(limit)}.",
        }.get(status, f"It has been running for more than {_words(limit)}, far longer than usual.")

    def _of(self, status: Status) -> float:
        by_status = {Status.PREPARED: self.submit, Status.QUEUED: self.queue, Status.RUNNING: self.run}
        return by_status.get(status, math.inf)


DEADLINES: Mapping[Kind, Deadlines] = MappingProxyType(
    {
        Kind.IMAGE: Deadlines(),
        Kind.AUDIO: Deadlines(run=_HOUR, stall=_HOUR / 2),
        Kind.MODEL: Deadlines(run=2 * _HOUR, stall=_HOUR / 2),
        Kind.VIDEO: Deadlines(run=4 * _HOUR, stall=_HOUR),
        Kind.DOCUMENT: Deadlines(),
        Kind.OTHER: Deadlines(run=4 * _HOUR, stall=_HOUR),
    }
)
"""By what an operation makes first of all."""


def _words(seconds: float) -> str:
    return f"{seconds / _HOUR:.0f} h" if seconds >= 2 * _HOUR else f"{seconds / 60:.0f} min"
