"""Tells a waiting client how far a task is, in values that only ever grow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from taskferry.task import Snapshot

_LEAST_STEP = 0.0001
_TELL_EVERY = 5
"""Calls after which an unchanged state is told too, so that the client sees that the call lives."""


class Progress:
    """The progress of one call, 0 to 1; nothing is sent to a client that did not ask for it."""

    def __init__(self, report: Callable[[float, float | None, str | None], Awaitable[None]] | None = None) -> None:
        self._report = report
        self._last = 0.0
        self._told: Snapshot | None = None
        self._silent = 0

    async def tell(self, snapshot: Snapshot) -> None:
        """Send where the task stands; an unchanged state only every few calls."""
        if self._report is None:
            return
        self._silent += 1
        if snapshot == self._told and self._silent < _TELL_EVERY:
            return
        value = max(self._last + _LEAST_STEP, snapshot.progress or 0.0)
        if value > 1:
            return
        self._last, self._told, self._silent = value, snapshot, 0
        await self._report(value, 1.0, status_words(snapshot))


def status_words(snapshot: Snapshot) -> str:
    """Say in a few words where a task stands: `queued, 2 ahead`, `running, 31% done`."""
    if snapshot.queue_position is not None:
        return f"{snapshot.status}, {snapshot.queue_position} ahead"
    done = "" if snapshot.progress is None else f", {snapshot.progress:.0%} done"
    return f"{snapshot.status}{done}"
