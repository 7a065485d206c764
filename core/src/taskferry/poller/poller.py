"""The one poller of a process: a schedule of all its tasks, and a turn for each when it is due."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import random
from collections.abc import Callable, Coroutine
from typing import Any
from weakref import WeakValueDictionary

from taskferry.accounts import Accounts
from taskferry.artifacts import Store
from taskferry.clock import Clock
from taskferry.ledger.record import Record
from taskferry.ledger.sharing import SharesLimits
from taskferry.poller.account_queue import AccountQueue
from taskferry.poller.books import Books
from taskferry.poller.deadlines import Deadlines
from taskferry.poller.durations import Durations
from taskferry.poller.flight import Flight
from taskferry.poller.looks import Looks
from taskferry.poller.next_look import Limits, next_look
from taskferry.poller.own_limits import OwnLimits
from taskferry.poller.sharing import Sharing
from taskferry.poller.turns import Turns
from taskferry.poller.watched import Watched
from taskferry.poller.wheel import TICK, Wheel, last_due
from taskferry.status import Status

log = logging.getLogger("taskferry")

_TURNS_AT_ONCE = 64
"""Turns under way that are more than a look: creates, downloads, reads of rows that others drive."""
_TURN_ENDS_WITHIN = 1.0
"""Seconds after which the end of a turn is asked for again."""
_READ_AGAIN = 3
"""Reads of a row that may be older than what was written of it: one can have been asked for before a write."""
_GIVE_UP_AGAIN = 10.0
"""Seconds until a task that could not be given up, for want of room on the disk, is given up again."""
_SAY_WAITING_FROM = 5.0
"""Seconds that looks are held back from which on the rows of the waiting tasks say so."""


class Poller:
    """Drives every task of this process until it ends, is parked, or the process stops.

    A task that only has to be looked at waits in the queue of its account for a worker. Everything else about a task
    is a turn of its own.
    """

    def __init__(
        self, books: Books, accounts: Accounts, store: Store, *, keep: bool = True, limits: Limits | None = None
    ) -> None:
        self._books = books
        self._accounts = accounts
        self._limits = limits or Limits()
        self._clock: Clock = books.clock
        self._flights: dict[str, Flight] = {}
        self._open: WeakValueDictionary[str, Watched] = WeakValueDictionary()
        """The tasks whose rows somebody has in hand."""
        self._queues: dict[tuple[str, ...], AccountQueue] = {}
        self._others: Wheel[Flight] = Wheel()
        """The schedule of what is due for more than a look."""
        self._due: list[tuple[int, int, AccountQueue | None]] = []
        """The slot at which each schedule has to be looked through, as a heap; None stands for that of the others."""
        self._count = itertools.count()
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(_TURNS_AT_ONCE)
        self._looks = Looks(books, self.opened)
        self._turns = Turns(
            books, accounts, store, self._looks, self.opened, self._queue_of, self.problem, self._later, keep=keep
        )
        ledger = books.ledger
        self._account_limits: OwnLimits | Sharing = OwnLimits()
        if isinstance(ledger, SharesLimits):
            self._account_limits = Sharing(ledger, books.thread, books.clock, self._start)
        self._loop: asyncio.Task[None] | None = None
        self._heard: set[str] = set()
        """Tasks that another process changed while they had a turn here."""
        self._awaited: dict[str, Callable[[str], None]] = {}
        """Who is told when a task leaves the schedule."""

    def watch(
        self,
        record: Record,
        durations: Durations,
        deadlines: Deadlines | None = None,
        *,
        foreign: bool = False,
        after: float = 0.0,
    ) -> Watched:
        """Take a task into the schedule, to be looked after at once; give the one already there, if there is one.

        Whoever keeps what this gives hears of every change; whoever lets it go costs no memory, and the task goes on.
        """
        flight = self._flights.get(record.id)
        now = self._clock.monotonic()
        if flight is None:
            age = _age(record, self._clock.now())
            flight = Flight(record, durations, deadlines or Deadlines(), foreign=foreign, now=now, age=age)
            self._flights[record.id] = flight
        task = self._in_hand(flight)
        if not flight.busy:
            flight.foreign = foreign
        if task is None:
            flight.take(record, now)
            task = self._open[record.id] = Watched(record, flight)
        elif not flight.busy:
            self._books.publish(task, record, task.snapshot)
        self.attend(flight, after)
        return task

    def flight(self, task_id: str) -> Flight | None:
        """Give a task that this process has in hand."""
        return self._flights.get(task_id)

    def when_over(self, task_id: str, tell: Callable[[str], None]) -> None:
        """Tell when a task is not in hand any more: nothing more happens to it by itself, or another took it over."""
        flight = self._flights.get(task_id)
        if flight is None:
            tell(task_id)
        else:
            self._awaited[flight.id] = tell

    @property
    def in_hand(self) -> int:
        """Give how many tasks are in the schedule."""
        return len(self._flights)

    def _tell_over(self, task_id: str) -> None:
        tell = self._awaited.pop(task_id, None)
        if tell is not None:
            tell(task_id)

    def heard(self, task_id: str) -> None:
        """Read a row again at once that another process has changed."""
        flight = self.flight(task_id)
        if flight is None or not flight.foreign:
            return
        if flight.busy:
            self._heard.add(task_id)  # what is being read now may be older
        else:
            self.attend(flight)

    def attend(self, flight: Flight, seconds: float = 0.0) -> None:
        """Give a task a turn after so many seconds."""
        self._schedule(flight, max(seconds, 0.0), self._clock.monotonic())

    def _schedule(self, flight: Flight, seconds: float, now: float) -> None:
        flight.pause = seconds
        queue = self._queue(flight) if flight.plain else None
        if queue is None:
            self._others.put(flight, now + seconds)
        else:
            queue.put(flight, now)
        self._announce(queue)

    def problem(self, flight: Flight) -> str | None:
        """Say what holds back the looks at a task, if anything does."""
        queue = self._queue(flight)
        return None if queue is None else queue.problem(self._clock.monotonic())

    def is_paced(self, flight: Flight) -> bool:
        """Tell whether a task that was not sent yet waits for nothing but its turn in the account's rate."""
        queue = self._queue(flight)
        return queue is not None and flight.status is Status.PREPARED and not queue.gate.tight(self._clock.monotonic())

    async def withdraw(self, flight: Flight) -> None:
        """Take a task out of the schedule, still held by this process; a turn that is under way ends first."""
        while flight.busy and self._flights.get(flight.id) is flight:
            queue = self._queue(flight)
            if queue is not None and flight in queue.ready:
                queue.ready.remove(flight)
                flight.busy = False
            else:
                await self._clock.wait((await self.opened(flight)).looked, _TURN_ENDS_WITHIN)
        if self._flights.get(flight.id) is flight:
            del self._flights[flight.id]
            flight.due = 0
            self._tell_over(flight.id)

    async def close(self, patience: float = 10.0) -> None:
        """Stop looking; let billed calls that are under way come back, and give every task up for others to resume."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        sending = {turn for turn in self._running if turn.get_name().startswith("submit")}
        for turn in self._running - sending:
            turn.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=patience)
        for turn in list(self._running):
            turn.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _announce(self, queue: AccountQueue | None) -> None:
        """See to it that a schedule is looked through in time."""
        wheel = self._others if queue is None else queue.wheel
        slot = wheel.first
        if slot is None or (wheel.announced is not None and wheel.announced <= slot):
            return
        wheel.announced = slot
        if not self._due or slot < self._due[0][0]:
            self._wake.set()
        heapq.heappush(self._due, (slot, next(self._count), queue))
        if self._loop is None:
            self._loop = asyncio.create_task(self._run(), name="taskferry-poller")

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            now = self._clock.monotonic()
            last = last_due(now)
            while self._due and self._due[0][0] <= last:
                slot, _, queue = heapq.heappop(self._due)
                wheel = self._others if queue is None else queue.wheel
                if wheel.announced != slot:
                    continue  # an earlier slot was announced in its place
                wheel.announced = None
                for flight in wheel.due(now):
                    self._begin(flight)
                if queue is not None:
                    self._grow(queue)
                self._announce(queue)
            await self._clock.wait(self._wake, self._due[0][0] * TICK - now if self._due else None)

    def _begin(self, flight: Flight) -> None:
        """Give a task that is due its place among the looks, or a turn of its own."""
        if flight.busy:
            return  # its turn schedules it again
        flight.busy = True
        queue = self._queue(flight) if flight.plain else None
        if queue is not None and self._clock.monotonic() < flight.deadline:
            queue.ready.append(flight)
        else:
            kind = "submit" if flight.status is Status.PREPARED else "turn"
            self._start(self._turn(flight), f"{kind} {flight.id}")

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        running = asyncio.create_task(work, name=name)
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    def _grow(self, queue: AccountQueue) -> None:
        """Put one more worker to an account's looks, if there is work for it; each one calls the next."""
        most = 1 if queue.breaker.open else queue.wire.at_once
        if queue.ready and not queue.paced and queue.workers < most:
            queue.workers += 1
            self._start(self._work(queue), "looks")

    async def _work(self, queue: AccountQueue) -> None:
        """Look at what is due at one account until nothing is."""
        clock, looks = self._clock.monotonic, self._looks
        try:
            while queue.ready and not queue.paced:
                left = clock()
                wait = queue.wait(left)
                while wait > 0:
                    await self._hold(queue, wait)
                    left = clock()
                    wait = queue.closed(left)
                if not queue.ready:
                    return
                flights = queue.next(left)
                if queue.ready:
                    self._grow(queue)
                if len(flights) == 1:
                    self._after_look(flights[0], await looks.one(flights[0], queue), left)
                else:
                    for flight, asked in zip(flights, await looks.many(flights, queue), strict=True):
                        self._after_look(flight, asked, left)
        finally:
            queue.workers -= 1

    async def _hold(self, queue: AccountQueue, seconds: float) -> None:
        """Wait for an account's rate, alone for all its workers; tell whoever waits long."""
        queue.paced = True
        try:
            if seconds > _SAY_WAITING_FROM:
                await self._looks.say_waiting(queue, self._clock.monotonic())
            await self._clock.wait(asyncio.Event(), seconds)
        finally:
            queue.paced = False

    def _after_look(self, flight: Flight, asked: float | None, left: float) -> None:
        """Schedule what goes on being looked at; give anything else its turn. `left` is when the look left."""
        flight.busy = False
        flight.handled = True
        task = self._in_hand(flight)
        if task is not None:
            task.beat_looked()
        now = self._clock.monotonic()
        self._schedule(flight, self._pause(flight, asked, now, now - left) if flight.plain else 0.0, now)

    def _pause(self, flight: Flight, asked: float | None, now: float, ago: float = 0.0) -> float:
        """Give the seconds until a task is looked at again; `asked` is what the provider or a failed look asks for."""
        chance = random.random()  # noqa: S311 -- jitter, not a secret
        if flight.errors:
            return (asked or 1.0) * (0.8 + 0.4 * chance)
        return next_look(
            now - flight.since,
            flight,
            flight.durations,
            self._limits,
            retry_after=asked,
            asked_ago=ago,
            spread=chance,
        )

    def _later(self, flight: Flight, asked: float | None) -> float:
        return self._pause(flight, asked, self._clock.monotonic())

    async def _turn(self, flight: Flight) -> None:
        """Do for a task what is more than a look, then schedule it or let it go."""
        async with self._places:
            pause = await self._turns.take(flight)
        flight.busy = False
        flight.handled = True
        if flight.id in self._heard:
            self._heard.discard(flight.id)
            pause = pause and 0.0
        over = pause is None
        if pause is not None:
            self.attend(flight, pause)
        else:
            self._flights.pop(flight.id, None)
            over = await self._turns.let_go(flight)
            self._tell_over(flight.id)
        task = self._in_hand(flight)
        if task is not None:
            task.beat()
        while pause is None and not over and flight.id not in self._flights:  # nobody waits for this any more
            await self._clock.wait(asyncio.Event(), _GIVE_UP_AGAIN)
            over = await self._turns.let_go(flight)

    async def opened(self, flight: Flight) -> Watched:
        """Give a task with its row, read from the ledger unless somebody has it in hand.

        A row that stays older than what was written of it here has lost those writes, as when a database server
        crashes; what it has counts.
        """
        reads = 0
        while (task := self._in_hand(flight)) is None:
            record = await self._books.thread.call(self._books.ledger.get, flight.id)
            reads += 1
            if self._in_hand(flight) is not None or (record.version < flight.version and reads < _READ_AGAIN):
                continue
            if record.version < flight.version:
                log.warning("%s: its last writes are lost, its row counts", flight.id, extra={"task": flight.id})
                flight.take(record, self._clock.monotonic())
            task = self._open[flight.id] = Watched(record, flight)
            return task
        return task

    def _in_hand(self, flight: Flight) -> Watched | None:
        """Give the task with its row, if anybody holds it; one that was let go before and taken up again is another."""
        task = self._open.get(flight.id)
        return task if task is not None and task.flight is flight else None

    def _queue(self, flight: Flight) -> AccountQueue | None:
        return None if flight.place is None else self._queues[flight.place]

    def _queue_of(self, task: Watched) -> AccountQueue:
        """Give the queue of a task's account; raise LivesElsewhere or another TaskferryError if none can be had."""
        flight = task.flight
        if flight.place is None:
            account = self._accounts.of(task.record.job)
            place = (task.record.job.provider, account.generation, account.base_url, account.fingerprint)
            if place not in self._queues:
                per_minute = account.adapter.service.requests_per_minute
                limits = self._account_limits.of(place, per_minute)
                self._queues[place] = AccountQueue(account, self._accounts.wire(account), limits)
            # one tuple for all tasks of an account, not one for each
            flight.place = self._queues[place].place = self._queues[place].place or place
        return self._queues[flight.place]


def _age(record: Record, now: float) -> float:
    """Give the seconds for which a task has been in its status, by the wall clock, which may have jumped."""
    snapshot = record.snapshot
    began = snapshot.started_at if snapshot.status is Status.RUNNING else snapshot.submitted_at
    return 0.0 if began is None or not snapshot.status.watched else max(0.0, now - began)
