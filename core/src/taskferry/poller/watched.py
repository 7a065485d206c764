"""A task with its row, in the hands of those who wait for it, change it or show it."""

from __future__ import annotations

import asyncio

from attrs import evolve

from taskferry.ledger.record import Record
from taskferry.poller.flight import Flight
from taskferry.task import Snapshot


class Watched:
    """A task as last read or written, and who listens; it is let go when nobody holds it, the flight goes on."""

    __slots__ = (
        "__weakref__", "_looked", "flight", "keep_failed", "listeners", "look_problem", "pulse", "record", "writing",
    )  # fmt: skip

    def __init__(self, record: Record, flight: Flight) -> None:
        self.record = record
        self.flight = flight
        self.pulse = asyncio.Event()
        self.listeners: set[asyncio.Queue[Snapshot]] = set()
        self.writing = asyncio.Lock()
        self.look_problem: str | None = None
        """Why the last look showed nothing; None after a good one."""
        self.keep_failed: str | None = None
        """Why files could not be kept, after the last try."""
        self._looked: asyncio.Event | None = None

    @property
    def snapshot(self) -> Snapshot:
        """Give the last state known here."""
        return self.record.snapshot

    @property
    def looked(self) -> asyncio.Event:
        """Give the event of the next look or turn that ends, whatever it shows."""
        if self._looked is None:
            self._looked = asyncio.Event()
        return self._looked

    def asking_at(self, now: float) -> float:
        """Date a look that leaves now, in epoch seconds: not before the last that counted, however clocks jump."""
        return max(now, self.record.snapshot.looked_at or now)

    def replace(self, record: Record, now: float) -> bool:
        """Take a newer row; tell the listeners and say so if the snapshot differs."""
        before, self.record = self.record, record
        changed = _shown(record.snapshot) != _shown(before.snapshot)
        self.flight.take(record, now, changed=changed)
        if changed:
            for listener in self.listeners:
                listener.put_nowait(record.snapshot)
        self.beat()
        return changed

    def beat(self) -> None:
        """Wake those who wait for any change."""
        pulse, self.pulse = self.pulse, asyncio.Event()
        pulse.set()
        self.beat_looked()

    def beat_looked(self) -> None:
        """Wake those who wait for a look."""
        if self._looked is not None:
            self._looked.set()
            self._looked = None


def _shown(snapshot: Snapshot) -> Snapshot:
    """Leave out what changes although nothing happened: when the last look was, and the reply's own bytes."""
    return evolve(snapshot, looked_at=None, raw=None)
