"""Writes a task's change to the ledger and tells everyone who wants to know, in that order."""

from __future__ import annotations

import asyncio
import logging

from attrs import evolve

from taskferry.clock import Clock
from taskferry.errors import LedgerError, TaskTaken
from taskferry.hookspecs import Change
from taskferry.ledger.history import Seen
from taskferry.ledger.protocol import LedgerProtocol
from taskferry.ledger.record import Record
from taskferry.ledger.thread import LedgerThread
from taskferry.machine import step
from taskferry.poller.watched import Watched
from taskferry.registry import Registry
from taskferry.status import Status
from taskferry.task import JSON, Snapshot
from taskferry.telemetry import Telemetry
from taskferry.text import clean

log = logging.getLogger("taskferry")


class Books:
    """The one door through which the engine changes a task."""

    def __init__(
        self,
        ledger: LedgerProtocol,
        thread: LedgerThread,
        registry: Registry,
        clock: Clock,
        telemetry: Telemetry | None = None,
    ) -> None:
        self.telemetry = telemetry
        self.ledger = ledger
        self.thread = thread
        self.clock = clock
        manager = registry.manager
        everyone = [hook.plugin for hook in manager.hook.taskferry_task_changed.get_hookimpls()]
        self._observers = [
            manager.subset_hook_caller("taskferry_task_changed", [other for other in everyone if other is not plugin])
            for plugin in everyone
        ]

    async def write(
        self,
        task: Watched,
        snapshot: Snapshot,
        *,
        note: str | None = None,
        remote: JSON = None,
        create_reply: bytes | None = None,
        took: tuple[float, float, float | None] | None = None,
        seen: Seen | None = None,
    ) -> None:
        """Keep a task's next snapshot and row, then publish it; raise TaskTaken if the row is not ours.

        `took` is what a run that has just succeeded teaches: seconds queued, seconds run, half-way mark.
        `seen` tells of the look that showed a step.
        """
        async with task.writing:
            row = task.record
            changed = evolve(
                row,
                # a wish to cancel may have come while the caller worked out the next snapshot
                snapshot=evolve(snapshot, cancel_wanted=snapshot.cancel_wanted or row.snapshot.cancel_wanted),
                remote=row.remote if remote is None else remote,
                create_reply=row.create_reply if create_reply is None else create_reply,
            )
            kept = await self.thread.write(self.ledger.save, changed, note=note, took=took, seen=seen)
            if took is not None:
                task.flight.durations.learn(*took)
            self.publish(task, kept, row.snapshot)
        if self.telemetry is not None and kept.snapshot.status is not row.snapshot.status:
            await self._tell(self.telemetry, row.snapshot, kept, None if seen is None else seen.late)

    async def _tell(self, telemetry: Telemetry, before: Snapshot, kept: Record, late: float | None) -> None:
        """Pass on a step that this process wrote, so that of all processes one does."""
        telemetry.stepped(before, kept.snapshot, late)
        if kept.snapshot.status.terminal:
            try:
                steps = await self.thread.call(self.ledger.transitions, kept.id)
            except LedgerError as error:
                log.warning("%s: its span lacks its history: %s", kept.id, error, extra={"task": kept.id})
                steps = []
            telemetry.ended(kept, steps)

    async def leave(self, task: Watched) -> bool:
        """Write that the billed call leaves now, unless a wish to cancel stands; say whether it may leave.

        The row is changed only as it was read here, so no wish of any process can come between the two.
        """
        async with task.writing:
            row = task.record
            if row.snapshot.cancel_wanted:
                return False
            leaving = evolve(step(row.snapshot, Status.SUBMITTING, self.clock.now()), failure=None)
            kept = await self.thread.write(self.ledger.save, evolve(row, snapshot=leaving))
            self.publish(task, kept, row.snapshot)
            return True

    async def want_cancel(self, task: Watched) -> None:
        """Keep the user's wish to cancel, and change nothing else: what is being written now is written first."""
        async with task.writing:
            row = task.record
            wished = evolve(row, snapshot=evolve(row.snapshot, cancel_wanted=True))
            kept = await self.thread.write(self.ledger.save, wished, note="cancelling is wanted")
            self.publish(task, kept, row.snapshot)

    async def insist(self, task: Watched, snapshot: Snapshot, *, remote: JSON = None) -> None:
        """Write what money was spent on, and try again for as long as the ledger cannot be written."""
        pause = 1.0
        while True:
            try:
                await self.write(task, snapshot, remote=remote)
            except TaskTaken:
                raise
            except LedgerError as error:
                log.error(
                    "%s: not written yet, trying again in %.0f s: %s",
                    task.record.id,
                    pause,
                    error,
                    extra={"task": task.record.id},
                )
                await self.clock.wait(asyncio.Event(), pause)
                pause = min(pause * 2, 30.0)
            else:
                return

    def publish(self, task: Watched, record: Record, before: Snapshot) -> None:
        """Tell waiters and observers of a row that was written or read."""
        if not task.replace(record, self.clock.monotonic()):
            return
        after = record.snapshot
        if after.status is not before.status:
            log.info(
                "%s %s: %s -> %s", after.id, after.operation, before.status, after.status, extra={"task": after.id}
            )
        self.announce(Change(before=before, after=after))

    def announce(self, change: Change) -> None:
        """Tell every observer, each on its own: one that raises keeps nobody else from hearing."""
        if change.before is None and self.telemetry is not None:
            self.telemetry.asked(change.after)
        for tell in self._observers:
            try:
                tell(change=change)
            except Exception as error:  # noqa: BLE001 -- an observer's fault is its own; the task goes on
                told = {"task": change.after.id}
                log.warning("a task observer raised %s: %s", type(error).__name__, clean(error), extra=told)

    async def park(self, task: Watched, reason: str) -> None:
        """Stop watching a task that has not ended, and say why."""
        await self.write(task, evolve(task.snapshot, parked=reason), note=f"parked: {reason}")
