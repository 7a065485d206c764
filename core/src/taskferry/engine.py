"""All that moves in an open ferry: ledger, wires, poller and files, opened and closed together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

from attrs import evolve

from taskferry.accounts import Accounts
from taskferry.artifacts import Store
from taskferry.clock import Clock
from taskferry.errors import PluginError, TaskferryError, TaskTaken, UsageError
from taskferry.ledger import Ledger, model_and_size, open_ledger
from taskferry.ledger.record import Job, Record
from taskferry.ledger.thread import LedgerThread
from taskferry.operation import Typical
from taskferry.poller.books import Books
from taskferry.poller.next_look import Limits, learned
from taskferry.poller.poller import Poller
from taskferry.poller.watched import Watched
from taskferry.registry import Registry
from taskferry.transport import Transport

P = ParamSpec("P")
T = TypeVar("T")
_ANY = Typical(median=60.0, slow=300.0)
"""Durations of an operation that nobody here knows."""


class Engine:
    """What the ferry and its tasks work with while it is open."""

    def __init__(
        self,
        ledger: Ledger,
        thread: LedgerThread,
        registry: Registry,
        clock: Clock,
        *,
        home: Path,
        environ: Mapping[str, str],
        settings: Mapping[str, Mapping[str, str]],
        keep: bool,
        speed: float,
    ) -> None:
        self.ledger = ledger
        self.clock = clock
        self.keep = keep
        self._thread = thread
        self._registry = registry
        self._speed = speed
        self._transport = Transport(now=clock.now)
        self.accounts = Accounts(registry, self._transport, environ=environ, home=home, salt=ledger.salt, **settings)
        self.books = Books(ledger, thread, registry, clock)
        self.store = Store(self._transport, home / "files", clock=clock)
        self.poller = Poller(self.books, self.accounts, self.store, keep=keep, limits=Limits().scaled(speed))

    @classmethod
    async def open(
        cls,
        registry: Registry,
        clock: Clock,
        *,
        home: Path,
        environ: Mapping[str, str],
        settings: Mapping[str, Mapping[str, str]],
        keep: bool,
        speed: float,
    ) -> Self:
        """Open the ledger and all that rests on it; raise LedgerError."""
        thread = LedgerThread()
        try:
            ledger = await thread.call(open_ledger, home, now=clock.now)
        except TaskferryError:
            thread.close()
            raise
        return cls(
            ledger, thread, registry, clock, home=home, environ=environ, settings=settings, keep=keep, speed=speed
        )

    async def close(self) -> None:
        """Stop watching, let billed calls come back, and give everything up for other processes."""
        await self.poller.close()
        await self._transport.aclose()
        await self._thread.call(self.ledger.close)
        self._thread.close()

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a ledger method off the loop."""
        return await self._thread.call(function, *args, **kwargs)

    async def handed(self, record: Record) -> Watched:
        """Go on with a row unless there is nothing left to do for it."""
        known = self.poller.known(record.id)
        if known is not None:
            return known
        snapshot = record.snapshot
        if snapshot.status.terminal and (snapshot.kept or not self.keep or not snapshot.status.ok):
            return await self.shown(record)
        return await self.taken(record)

    async def taken(self, record: Record) -> Watched:
        """Take a row into this process's hands, or follow it while another live process has it."""
        try:
            task = await self.claimed(record)
        except TaskTaken:
            return self.poller.watch(record, await self.typical(record.job), foreign=True)
        return self.poller.watch(task.record, task.typical)

    async def claimed(self, record: Record) -> Watched:
        """Hold a row without watching it; raise TaskTaken while another live process has it."""
        mine = await self.call(self.ledger.claim, record.id)
        if mine.snapshot.parked:
            mine = await self.call(self.ledger.save, evolve(mine, snapshot=evolve(mine.snapshot, parked=None)))
        return await self.shown(mine)

    async def shown(self, record: Record) -> Watched:
        """Give a row as it is, neither held nor watched."""
        return Watched(record, await self.typical(record.job), foreign=False, since=self.clock.monotonic())

    async def typical(self, job: Job) -> Typical:
        """Give how long such jobs take: as past ones did, else as the operation says."""
        try:
            known = self._registry.operation(job.operation, job.generation)
        except (UsageError, PluginError):  # its plugin is gone: the task can still be shown and its files copied
            return _ANY
        past = await self.call(self.ledger.durations, job.operation, *model_and_size(job.parameters))
        return learned(known.typical.scaled(self._speed), [(run.queue_seconds, run.run_seconds) for run in past])
