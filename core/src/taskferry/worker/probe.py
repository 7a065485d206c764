"""Whether a worker is well: asks the ledger how the work stands, and watches how late the loop is."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from taskferry.engine import Engine
from taskferry.ledger.sharing import Backlog, SharesWork
from taskferry.text import clean

_ASKED_EVERY = 5.0
_AWAY_AFTER = 15.0
"""Seconds without an answer after which the ledger counts as out of reach."""
_STEP = 0.5
_REMEMBERED = 20
"""Steps over which the longest delay is told."""
_TOO_LATE = 5.0
"""Seconds of delay with which a loop keeps neither its leases nor its looks."""


class Probe:
    """Looks at one worker from inside."""

    def __init__(self, engine: Engine, ledger: SharesWork, *, slots: int, providers: Sequence[str]) -> None:
        self.slots = slots
        self.providers = providers
        self.draining = False
        """Whether it fetches no more tasks."""
        self.backlog = Backlog()
        """How the work of all workers stood at the last answer."""
        self.ledger_seconds = 0.0
        """How long the last answer of the ledger took, its queue in this process with it."""
        self.problem: str | None = None
        """Why the ledger did not answer the last time."""
        self._engine = engine
        self._ledger = ledger
        self._began = self._answered_at = time.monotonic()
        self._lags: deque[float] = deque([0.0], maxlen=_REMEMBERED)

    @property
    def in_hand(self) -> int:
        """Give how many tasks this worker has in hand."""
        return self._engine.in_hand

    @property
    def lag(self) -> float:
        """Give the longest delay of the loop in the last seconds."""
        return max(self._lags)

    @property
    def reachable(self) -> bool:
        """Tell whether the ledger answered lately."""
        return time.monotonic() - self._answered_at < _AWAY_AFTER

    @property
    def state(self) -> str:
        """Give `ok`, or what is amiss."""
        if not self.reachable:
            return "ledger unreachable"
        if self.lag > _TOO_LATE:
            return "loop late"
        return "draining" if self.draining else "ok"

    def document(self) -> dict[str, Any]:
        """Give all of it as plain values."""
        return {
            "status": self.state,
            "version": version("taskferry"),
            "uptime": round(time.monotonic() - self._began, 1),
            "providers": list(self.providers),
            "slots": self.slots,
            "in_hand": self.in_hand,
            "loop_lag": round(self.lag, 4),
            "ledger": {
                "reachable": self.reachable,
                "seconds": round(self.ledger_seconds, 4),
                "problem": self.problem,
            },
            "clock_behind": round(self._engine.clock_behind, 1),
            "all": {
                "workers": self.backlog.workers,
                "in_hand": self.backlog.in_hand,
                "waiting": dict(self.backlog.waiting),
                "unserved": dict(self.backlog.unserved),
            },
        }

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ask())
            group.create_task(self._step())

    async def _ask(self) -> None:
        while True:
            began = time.monotonic()
            try:
                self.backlog = await self._engine.call(self._ledger.backlog)
            except Exception as error:  # noqa: BLE001 -- whatever it is, health tells it, and it is asked again
                self.problem = f"{type(error).__name__}: {clean(error)}"
            else:
                self.problem = None
                self._answered_at = time.monotonic()
                self.ledger_seconds = self._answered_at - began
            await asyncio.sleep(_ASKED_EVERY)

    async def _step(self) -> None:
        while True:
            due = time.monotonic() + _STEP
            await asyncio.sleep(_STEP)
            self._lags.append(max(time.monotonic() - due, 0.0))
