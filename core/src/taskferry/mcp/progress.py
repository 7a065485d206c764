"""Tells a waiting client how far a task is, in values that only ever grow."""

from __future__ import annotations

from taskferry.mcp.state import ToolContext
from taskferry.task import Snapshot

_LEAST_STEP = 0.0001
_TELL_EVERY = 5
"""Calls after which an unchanged state is told too, so that the client sees that the call lives."""


class Progress:
    """The progress of one call, 0 to 1; nothing is sent to a client that did not ask for it."""

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._last = 0.0
        self._told: Snapshot | None = None
        self._silent = 0

    async def tell(self, snapshot: Snapshot) -> None:
        """Send where the task stands; an unchanged state only every few calls."""
        self._silent += 1
        if snapshot == self._told and self._silent < _TELL_EVERY:
            return
        value = max(self._last + _LEAST_STEP, snapshot.progress or 0.0)
        if value > 1:
            return
        self._last, self._told, self._silent = value, snapshot, 0
        await self._context.report_progress(value, 1.0, _words(snapshot))


def _words(snapshot: Snapshot) -> str:
    if snapshot.queue_position is not None:
        return f"{snapshot.status}, {snapshot.queue_position} ahead"
    done = "" if snapshot.progress is None else f", {snapshot.progress:.0%} done"
    return f"{snapshot.status}{done}"
