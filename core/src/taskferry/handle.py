"""One task in an embedder's hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from taskferry.engine import Engine
from taskferry.errors import ArtifactError, TaskTaken, UsageError
from taskferry.ledger.record import Record
from taskferry.machine import step
from taskferry.poller.bringing import Bringing, bring_files, is_here
from taskferry.poller.cancelling import cancel_at_provider
from taskferry.poller.keeping import keep_files
from taskferry.poller.looking import is_due_to_keep
from taskferry.poller.watched import Watched
from taskferry.status import Status
from taskferry.task import Artifact, CancelOutcome, Finished, Snapshot, StillRunning, Token, WaitOutcome

_LOOK_AGAIN_AFTER = 1.0
"""Seconds within which `refresh` gives what the last look showed."""

_SENT_WITHIN = 20.0
"""Seconds that `cancel` waits for the reply to a billed call that another process has out."""
_BEING_SENT = (Status.PREPARED, Status.SUBMITTING)
_LOOK_AT_MOST = 40.0
"""Seconds that `refresh` waits for its look, which limits and other tasks may hold up."""


class FerryTask:
    """A task of a ferry; any number of handles may stand for one task."""

    def __init__(
        self, engine: Engine, watched: Watched, *, duplicate: bool = False, folder: Path | None = None
    ) -> None:
        """Stand for a task; its files are brought below `folder` at its end where workers keep them elsewhere."""
        self._engine = engine
        self._watched = watched
        self.duplicate = duplicate
        """Whether submitting gave this task because it existed already."""
        self._bringing = None if folder is None else Bringing(folder, engine.books, engine.accounts, engine.store)

    def __repr__(self) -> str:
        return f"<Task {self.id} {self.snapshot.operation} {self.snapshot.status}>"

    @property
    def id(self) -> str:
        """Give our own id."""
        return self._watched.record.id

    @property
    def record(self) -> Record:
        """Give the task's row as last read or written here; with the paths of files that were brought here."""
        record = self._watched.record
        return record if self._bringing is None else self._bringing.shown(record)

    @property
    def snapshot(self) -> Snapshot:
        """Give the last state known in this process."""
        return self.record.snapshot

    @property
    def token(self) -> Token:
        """Give what any process needs to go on with it."""
        return Token(task_id=self.id, provider=self.snapshot.provider)

    @property
    def elsewhere(self) -> bool:
        """Tell whether another live process has it in hand, so that this one only follows."""
        return self._watched.flight.foreign

    @property
    def problem(self) -> str | None:
        """Say why files could not be kept, or not be brought here, if the last try failed."""
        return self._watched.keep_failed or (None if self._bringing is None else self._bringing.problem)

    @property
    def look_problem(self) -> str | None:
        """Say why looks at the provider show nothing at the moment; None while they work."""
        task = self._watched
        return task.look_problem or self._engine.poller.problem(task.flight) or task.snapshot.look_problem

    def _attended(self) -> bool:
        return self._engine.poller.flight(self.id) is self._watched.flight

    def _goes_on(self) -> bool:
        snapshot = self.snapshot
        return not (snapshot.status.terminal or snapshot.parked or snapshot.status is Status.UNCONFIRMED)

    async def wait(self, timeout: float | None = None) -> WaitOutcome:
        """Wait for the end, files kept, for at most `timeout` seconds.

        Running out of time is an outcome: nothing is cancelled, and the token lets any process go on. A task that is
        unconfirmed or parked gives StillRunning at once, since nothing will happen to it by itself.
        """
        if not self._attended() and self._goes_on():
            await self._mine()
        clock = self._engine.clock
        end = None if timeout is None else clock.monotonic() + timeout
        while self._attended():
            left = None if end is None else end - clock.monotonic()
            if left is not None and left <= 0:
                break
            await clock.wait(self._watched.pulse, left)
        over = self.snapshot.status.terminal and not (self._attended() and is_due_to_keep(self._watched))
        if over and (self._bringing is None or await self._bringing.done(self._watched.record, end)):
            return Finished(self.snapshot)
        return StillRunning(self.token, self.snapshot)

    async def updates(self) -> AsyncIterator[Snapshot]:
        """Yield the present state, then every change until nothing more happens by itself."""
        queue: asyncio.Queue[Snapshot] = asyncio.Queue()
        if not self._attended() and self._goes_on():
            await self._mine()
        self._watched.listeners.add(queue)
        try:
            yield self.snapshot
            while self._attended() or not queue.empty():
                pulse = self._watched.pulse
                if queue.empty():
                    await self._engine.clock.wait(pulse, None)
                while not queue.empty():
                    yield queue.get_nowait()
        finally:
            self._watched.listeners.discard(queue)

    async def refresh(self) -> Snapshot:
        """Look at the provider now, but not twice within a second; give the present state."""
        clock, poller = self._engine.clock, self._engine.poller
        seen_at = max(self._watched.flight.asked_at, self.snapshot.looked_at or 0.0)
        if not self.snapshot.status.watched or 0.0 <= clock.now() - seen_at < _LOOK_AGAIN_AFTER:
            return self.snapshot
        await self._mine()
        task, flight = self._watched, self._watched.flight
        looks = flight.looks
        if flight.foreign:
            record = await self._engine.call(self._engine.ledger.get, self.id)
            return record.snapshot
        poller.attend(flight)
        end = clock.monotonic() + _LOOK_AT_MOST
        while self._attended() and (flight.looks == looks or flight.busy) and clock.monotonic() < end:
            await clock.wait(task.looked, end - clock.monotonic())
        return self.snapshot

    async def _mine(self) -> None:
        """Have the task in this process's hands, unless another live one has it."""
        if not self._attended():
            self._watched = await self._engine.taken(self._watched.record)

    async def _taken_back(self) -> bool:
        """Have a task in hand that was left to workers, unless one of them was quicker."""
        if self.snapshot.status is not Status.PREPARED:
            return False
        try:
            self._watched = await self._engine.claimed(self._watched.record)
        except TaskTaken:
            return False
        return True

    async def cancel(self) -> CancelOutcome:
        """Ask for the job to be stopped; what was not sent yet is never sent."""
        if self.snapshot.status.terminal:
            return CancelOutcome.TOO_LATE
        await self._mine()
        if self.elsewhere and self.snapshot.status in _BEING_SENT and not await self._taken_back():
            if await self._engine.call(self._engine.ledger.wish_cancel, self.id):
                return CancelOutcome.ACCEPTED  # its holder finds the wish in the row before the call may leave
            if (await self._seen_sent()).status.terminal:
                return CancelOutcome.TOO_LATE
        task, books = self._watched, self._engine.books
        flight = task.flight
        if task.snapshot.status.watched:
            account = self._engine.accounts.of(task.record.job)
            outcome = await cancel_at_provider(task, account, self._engine.accounts)
            self._engine.poller.attend(flight)
            return outcome
        if task.snapshot.status is Status.PREPARED and not flight.busy and not flight.foreign:
            flight.busy = True
            try:
                await books.write(task, step(task.snapshot, Status.CANCELLED, books.clock.now()), note="cancelled")
            finally:
                flight.busy = False
            self._engine.poller.attend(flight)
            return CancelOutcome.ACCEPTED
        if not flight.foreign:
            await books.want_cancel(task)
        return CancelOutcome.UNKNOWN

    async def _seen_sent(self) -> Snapshot:
        """Give what became of a billed call that another process has out, as long as that may take."""
        await self._mine()
        task, engine = self._watched, self._engine
        end = engine.clock.monotonic() + _SENT_WITHIN
        while True:
            engine.books.publish(task, await engine.call(engine.ledger.get, self.id), task.snapshot)
            if task.snapshot.status not in _BEING_SENT or engine.clock.monotonic() >= end:
                return task.snapshot
            await engine.clock.wait(task.pulse, _LOOK_AGAIN_AFTER)

    async def save(self, folder: str | Path | None = None) -> list[Artifact]:
        """Wait for the end and keep every file, in `folder` or where it was to go; give them with their paths.

        Files that another machine kept are fetched again from the provider, as long as that serves them. Raises
        UsageError for a task that ended without results or does not go on by itself, ArtifactError when a file could
        not be kept.
        """
        outcome = await self.wait()
        if isinstance(outcome, StillRunning) or not outcome.snapshot.status.ok:
            reason = self.snapshot.failure or self.snapshot.parked or "it has not ended"
            raise UsageError(f"Task {self.id} is {self.snapshot.status}, so there is nothing to keep: {reason}")
        if any(artifact.path is None for artifact in self._watched.snapshot.artifacts):
            await self._keep()
        engine, artifacts = self._engine, list(self.snapshot.artifacts)
        here = all([await is_here(artifact) for artifact in artifacts])
        if folder is None and (here or not engine.shares):
            return artifacts
        record = self.record if here else self._watched.record
        place = engine.store.place(record) if folder is None else Path(folder)
        return await bring_files(record, place, engine.books, engine.accounts, engine.store)

    async def _keep(self) -> None:
        engine = self._engine
        task = self._watched = await engine.claimed(self._watched.record)
        try:
            await keep_files(task, engine.books, engine.accounts, engine.store, again=True)
        finally:
            await engine.write(engine.ledger.release, task.record.id)
        if any(artifact.path is None for artifact in task.snapshot.artifacts):
            raise ArtifactError(task.keep_failed or f"The files of {self.id} could not be kept.")
