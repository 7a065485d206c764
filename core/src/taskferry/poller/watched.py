"""One task in flight in this process, and those who wait for it."""

from __future__ import annotations

import asyncio

from attrs import evolve

from taskferry.ledger.record import Record
from taskferry.operation import Typical
from taskferry.task import Snapshot


class Watched:
    """A task under this process's care: its row as last written, its schedule, its listeners."""

    __slots__ = (
        "asked_at",
        "attempts", "began",
        "busy", "due",
        "errors",
        "foreign",
        "handled",
        "keep_failed",
        "limited",
        "listeners", "look_problem",
        "looks",
        "missing",
        "pause", "pulse",
        "record",
        "reserved",
        "retry_after",
        "since",
        "ticket",
        "typical",
        "writing",
        "written_at",
    )  # fmt: skip

    def __init__(self, record: Record, typical: Typical, *, foreign: bool, since: float) -> None:
        self.record = record
        self.typical = typical
        self.foreign = foreign
        """Another live process holds it: we follow its row and ask the provider nothing."""
        self.since = since
        """Monotonic time at which the present status was first seen."""
        self.began = since
        """Monotonic time at which this process took it in hand."""
        self.pulse = asyncio.Event()
        self.listeners: set[asyncio.Queue[Snapshot]] = set()
        self.writing = asyncio.Lock()
        self.busy = False
        self.handled = False
        """Whether this process has done something about it at least once."""
        self.reserved = False
        """Whether its next look has its place in the account's rate already."""
        self.attempts = 0
        self.errors = 0
        """Failed looks in a row."""
        self.look_problem: str | None = None
        """Why the last look showed nothing; None after a good one."""
        self.limited = False
        """Whether the provider answered the last look with "too many"."""
        self.missing = 0
        """Looks in a row that the provider answered with 401 or 404."""
        self.looks = 0
        self.due = 0.0
        """Monotonic time of its next turn."""
        self.pause = 0.0
        """Seconds between its last turn and its next one."""
        self.ticket = 0
        """Which entry of the schedule counts; older ones are passed over."""
        self.asked_at = 0.0
        self.written_at = record.snapshot.looked_at or 0.0
        self.retry_after: float | None = None
        self.keep_failed: str | None = None
        """Why files could not be kept, after the last try."""

    @property
    def snapshot(self) -> Snapshot:
        """Give the last state known here."""
        return self.record.snapshot

    def asking_at(self, now: float) -> float:
        """Date a look that leaves now, in epoch seconds: not before the last that counted, however clocks jump."""
        return max(now, self.record.snapshot.looked_at or now)

    def replace(self, record: Record, now: float) -> bool:
        """Take a newer row; tell the listeners and say so if the snapshot differs."""
        before, self.record = self.record, record
        if record.snapshot.status is not before.snapshot.status:
            self.since = now
        changed = _shown(record.snapshot) != _shown(before.snapshot)
        if changed:
            for listener in self.listeners:
                listener.put_nowait(record.snapshot)
        self.beat()
        return changed

    def beat(self) -> None:
        """Wake those who wait for any change."""
        pulse, self.pulse = self.pulse, asyncio.Event()
        pulse.set()


def _shown(snapshot: Snapshot) -> Snapshot:
    """Leave out what changes although nothing happened: when the last look was, and the reply's own bytes."""
    return evolve(snapshot, looked_at=None, raw=None)
