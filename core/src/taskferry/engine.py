"""All that moves in an open ferry: ledger, wires, poller and files, opened and closed together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

from attrs import evolve

from taskferry.accounts import Accounts
from taskferry.artifacts import DownloadLimits, Store
from taskferry.clock import Clock, NoticesWork
from taskferry.errors import LedgerError, TaskferryError, TaskTaken
from taskferry.ledger.agreeing import AgreedClock, TellsTime
from taskferry.ledger.choosing import open_ledger_for
from taskferry.ledger.protocol import LedgerProtocol, TellsOfChanges
from taskferry.ledger.record import Record
from taskferry.ledger.sharing import SharesWork
from taskferry.ledger.thread import LedgerThread
from taskferry.poller.books import Books
from taskferry.poller.deadlines import Deadlines
from taskferry.poller.expecting import Expectations
from taskferry.poller.flight import Flight
from taskferry.poller.next_look import Limits
from taskferry.poller.poller import Poller
from taskferry.poller.watched import Watched
from taskferry.registry import Registry
from taskferry.settings import shared_ledger
from taskferry.task import Kind
from taskferry.telemetry import open_telemetry
from taskferry.transport import Transport

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger("taskferry")

_LEFT_ALONE = 0.25
"""Seconds after which it is looked at for the first time whether a worker has a task that was left to them."""


class Engine:
    """What the ferry and its tasks work with while it is open."""

    def __init__(
        self,
        ledger: LedgerProtocol,
        thread: LedgerThread,
        registry: Registry,
        clock: Clock,
        *,
        home: Path,
        environ: Mapping[str, str],
        settings: Mapping[str, Mapping[str, str]],
        keep: bool,
        speed: float,
        deadlines: Mapping[Kind, Deadlines] | None = None,
    ) -> None:
        self.ledger = ledger
        self.shares = isinstance(ledger, SharesWork)
        """Whether new tasks are left to workers."""
        self.clock = clock
        self.keep = keep
        self._thread = thread
        self.speed = speed
        self._expected = Expectations(ledger, thread, registry, clock.monotonic, speed=speed, deadlines=deadlines)
        self._transport = Transport(now=clock.now, monotonic=clock.monotonic)
        self.accounts = Accounts(registry, self._transport, environ=environ, home=home, salt=ledger.salt, **settings)
        self.books = Books(ledger, thread, registry, clock, open_telemetry())
        self.store = Store(self._transport, home / "files", clock=clock, limits=DownloadLimits.of(environ))
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
        deadlines: Mapping[Kind, Deadlines] | None = None,
    ) -> Self:
        """Open the ledger and all that rests on it; raise LedgerError."""
        thread = LedgerThread()
        if isinstance(clock, NoticesWork):  # time that is made up agrees with nobody's
            clock.notice(lambda: thread.busy)
        elif shared_ledger(environ) is not None:
            clock = AgreedClock(clock)
        try:
            ledger = await thread.call(open_ledger_for, home, environ, registry, now=clock.now)
        except TaskferryError:
            thread.close()
            raise
        engine = cls(
            ledger,
            thread,
            registry,
            clock,
            home=home,
            environ=environ,
            settings=settings,
            keep=keep,
            speed=speed,
            deadlines=deadlines,
        )
        if isinstance(ledger, TellsOfChanges):
            engine._listen(ledger)
        await engine.agree()
        return engine

    async def agree(self) -> None:
        """Compare the clock with that of a shared ledger, unless that was done lately."""
        if isinstance(self.clock, AgreedClock) and isinstance(self.ledger, TellsTime) and self.clock.is_due:
            try:
                await self.call(self.clock.measure, self.ledger)
            except LedgerError as error:
                log.debug("the clock is compared with the ledger's later: %s", error)

    @property
    def clock_behind(self) -> float:
        """Give the seconds that this machine's clock is behind that of a shared ledger; 0.0 where they are alike."""
        return self.clock.behind if isinstance(self.clock, AgreedClock) else 0.0

    def _listen(self, ledger: TellsOfChanges) -> None:
        loop = asyncio.get_running_loop()

        def heard(task_id: str) -> None:
            try:
                loop.call_soon_threadsafe(self.poller.heard, task_id)
            except RuntimeError as error:  # the loop was closed: nobody waits any more
                log.debug("nobody waits for task %s any more: %s", task_id, error, extra={"task": task_id})

        ledger.tell(heard)

    async def close(self) -> None:
        """Stop watching, let billed calls come back, and give everything up for other processes."""
        await self.poller.close()
        await self._transport.aclose()
        await self._thread.call(self.ledger.close)
        self._thread.close()

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a ledger method off the loop."""
        return await self._thread.call(function, *args, **kwargs)

    async def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a ledger method that writes, together with others that wait."""
        return await self._thread.write(function, *args, **kwargs)

    async def handed(self, record: Record) -> Watched:
        """Go on with a row unless there is nothing left to do for it."""
        flight = self.poller.flight(record.id)
        if flight is not None:
            return await self.poller.opened(flight)
        snapshot = record.snapshot
        if snapshot.status.terminal and (snapshot.kept or not self.keep or not snapshot.status.ok):
            return await self.shown(record)
        return await self.taken(record)

    async def taken(self, record: Record) -> Watched:
        """Take a row into this process's hands, or follow it while another live process has it, or is to have it."""
        if self.shares and await self.write(self.ledger.leave, record.id):
            return await self.left(record)
        try:
            mine = await self._claimed(record.id)
        except TaskTaken:
            return await self.watched(record, foreign=True)
        return await self.watched(mine)

    async def left(self, record: Record) -> Watched:
        """Follow a row that is left to workers; it is taken over should none of them be there any more."""
        return await self.watched(record, foreign=True, after=_LEFT_ALONE)

    async def claimed(self, record: Record) -> Watched:
        """Hold a row without watching it; raise TaskTaken while another live process has it.

        A turn of it that is under way here comes to its end first: a row has one owner inside a process, too.
        """
        flight = self.poller.flight(record.id)
        if flight is not None:
            await self.poller.withdraw(flight)
        return await self.shown(await self._claimed(record.id))

    async def _claimed(self, task_id: str) -> Record:
        mine = await self._thread.write(self.ledger.claim, task_id)
        if mine.snapshot.parked:
            mine = await self._thread.write(self.ledger.save, evolve(mine, snapshot=evolve(mine.snapshot, parked=None)))
        return mine

    async def driven(self, task_id: str) -> None:
        """Take a row into the schedule without keeping it in memory."""
        if self.poller.flight(task_id) is None:
            await self.taken(await self.call(self.ledger.get, task_id))

    async def drive(self, task_id: str, over: Callable[[str], None]) -> None:
        """Do all that is left to do for a task, or follow it while another process does; tell when that is over."""
        if self.poller.flight(task_id) is None:
            try:
                await self.watched(await self._claimed(task_id))
            except TaskTaken:
                await self.handed(await self.call(self.ledger.get, task_id))
        self.poller.when_over(task_id, over)

    async def take(self, records: Sequence[Record]) -> None:
        """Take rows that are held here into the schedule without keeping them in memory."""
        for record in records:
            await self.watched(record)

    @property
    def in_hand(self) -> int:
        """Give how many tasks this process has in hand."""
        return self.poller.in_hand

    async def watched(self, record: Record, *, foreign: bool = False, after: float = 0.0) -> Watched:
        """Take a row that is held here, or followed, into the schedule."""
        durations, deadlines = await self._expected.of(record.job)
        return self.poller.watch(record, durations, deadlines, foreign=foreign, after=after)

    async def present(self, record: Record) -> Watched:
        """Give a row as this process has it in hand, or as it is."""
        flight = self.poller.flight(record.id)
        return await self.shown(record) if flight is None else await self.poller.opened(flight)

    async def shown(self, record: Record) -> Watched:
        """Give a row as it is, neither held nor watched."""
        durations, deadlines = await self._expected.of(record.job)
        return Watched(record, Flight(record, durations, deadlines, foreign=False, now=self.clock.monotonic()))
