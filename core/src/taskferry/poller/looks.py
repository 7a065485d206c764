"""Looks at tasks, one or many with a call, and reads their rows only when something changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from attrs import evolve

from taskferry.adapter import FetchesMany
from taskferry.errors import AdapterError, Failure, FailureKind, ProviderError, WireError
from taskferry.exchange import fetch_many, look
from taskferry.exchange.driving import broken
from taskferry.poller.account_queue import AccountQueue
from taskferry.poller.books import Books
from taskferry.poller.flight import Flight, digest_of
from taskferry.poller.looking import apply, is_down, is_limited, look_failed, note_look, well
from taskferry.poller.mishaps import survived
from taskferry.poller.watched import Watched
from taskferry.task import Observation
from taskferry.text import clean

log = logging.getLogger("taskferry")

LOOK_WRITTEN_EVERY = 300.0
"""Seconds after which an unchanged look is written down, so that front doors can tell its age."""
_AT_LEAST_CLOSED = 1.0
_LONGEST_CLOSED = 60.0
_WRITTEN_TOGETHER = 100
_SAID_AT_ONCE = 10.0
"""Seconds of a pause after a failed look from which on the row says at once what it waits for."""

_NOT_LISTED = Failure.of(FailureKind.NOT_FOUND, "The provider's list of jobs lacks this one.")


class Looks:
    """Asks the provider how tasks are; a look that shows nothing new touches neither the ledger nor an observer."""

    def __init__(self, books: Books, opened: Callable[[Flight], Awaitable[Watched]]) -> None:
        self._books = books
        self._clock = books.clock
        self._opened = opened
        self._telemetry = books.telemetry

    async def one(self, flight: Flight, queue: AccountQueue) -> float | None:
        """Look at one task; give the pause asked for, None to follow the schedule. Raises nothing."""
        asked_at = self._asking(flight)
        try:
            sight = await look(queue.account.adapter, flight.remote, queue.wire, flight.mark)
            if queue.breaker.failures:
                queue.breaker.answered()
            seen, pause = sight.seen, sight.retry_after
            if seen is not None and not _is_known(flight, seen):
                pause = await self._news(flight, seen, sight.observation, asked_at)
            else:
                flight.asked_at = asked_at
                if _is_worth_noting(flight):
                    await self._note(flight)
            flight.mark = None if flight.errors else sight.mark
            return pause
        except Exception as error:  # noqa: BLE001 -- one task's fault must not stop its account's other looks
            return await self._failed(flight, queue, error)

    async def many(self, flights: Sequence[Flight], queue: AccountQueue) -> Sequence[float | None]:
        """Look at tasks of one account with one call; an error of the call is each one's own. Raises nothing."""
        adapter = queue.account.adapter
        assert isinstance(adapter, FetchesMany)
        asked_at = [self._asking(flight) for flight in flights]
        remotes = [flight.remote for flight in flights]
        try:
            seen = await fetch_many(adapter, adapter.failure, remotes, queue.wire)
        except (ProviderError, WireError, AdapterError) as error:
            return [await self._failed(flight, queue, error) for flight in flights]
        except Exception as raised:  # one job may be the cause: as after any failed look, each goes alone next
            log.error("looking together at %s failed", ", ".join(flight.id for flight in flights), exc_info=raised)
            return [await self._failed(flight, queue, broken(raised)) for flight in flights]
        if queue.breaker.failures:
            queue.breaker.answered()
        return [
            await self._listed(flight, queue, one, at) for flight, one, at in zip(flights, seen, asked_at, strict=True)
        ]

    async def say_waiting(self, queue: AccountQueue, now: float) -> None:
        """Write into the rows of the tasks that wait why they are not looked at, once."""
        reason = queue.problem(now)
        waiting = [flight for flight in queue.ready if not flight.noted] if reason else []
        for start in range(0, len(waiting), _WRITTEN_TOGETHER):
            await asyncio.gather(*(self._say(flight, reason) for flight in waiting[start : start + _WRITTEN_TOGETHER]))

    async def _say(self, flight: Flight, reason: str | None) -> None:
        try:
            task = await self._opened(flight)
            task.look_problem = reason
            await self._books.write(task, evolve(task.snapshot, look_problem=reason))
        except Exception as error:  # noqa: BLE001 -- the looks go on; its own turn finds out what is wrong with the row
            log.warning(
                "%s: its row cannot say why it waits: %s: %s",
                flight.id,
                type(error).__name__,
                clean(error),
                extra={"task": flight.id},
            )
            flight.noted = True

    async def _listed(
        self, flight: Flight, queue: AccountQueue, seen: Observation | None, asked_at: float
    ) -> float | None:
        try:
            if seen is None:
                return await self._failed(flight, queue, ProviderError(_NOT_LISTED))
            if not _is_known(flight, seen):
                return await self._news(flight, seen, seen, asked_at)
            flight.asked_at = asked_at
            if _is_worth_noting(flight):
                await self._note(flight)
            return seen.retry_after
        except Exception as error:  # noqa: BLE001 -- one task's fault must not stop the others of the list
            return await self._failed(flight, queue, error)

    def _asking(self, flight: Flight) -> float:
        """Date a look that leaves now: not before the last that counted, however clocks jump."""
        flight.looks += 1
        if self._telemetry is not None and flight.place is not None:
            self._telemetry.looked(flight.place[0])
        now = self._clock.now()
        return now if now >= flight.asked_at and now >= flight.written_at else max(flight.asked_at, flight.written_at)

    async def _news(
        self, flight: Flight, seen: Observation, whole: Observation | None, asked_at: float
    ) -> float | None:
        assert whole is not None, "what was seen can be made whole"
        pause = await apply(await self._opened(flight), self._books, whole, asked_at)
        flight.digest = None if flight.errors else digest_of(seen)
        return pause

    async def _note(self, flight: Flight) -> None:
        """Write down that a look showed nothing new, if the row says otherwise or nothing of late; forget failures."""
        if flight.noted or flight.asked_at - flight.written_at > LOOK_WRITTEN_EVERY:
            await note_look(await self._opened(flight), self._books, flight.asked_at)
        else:
            well(await self._opened(flight))

    async def _failed(self, flight: Flight, queue: AccountQueue, error: Exception) -> float | None:
        """Count a look that showed nothing, or bear what nobody foresaw; give the pause. Raises nothing."""
        now = self._clock.monotonic()
        flight.mark = None
        if not isinstance(error, ProviderError | WireError | AdapterError):
            return await survived(flight, self._opened, self._books, error)
        if self._telemetry is not None and flight.place is not None:
            self._telemetry.look_failed(flight.place[0], error)
        try:
            task = await self._opened(flight)
            pause = await look_failed(task, self._books, error)
            if pause >= _SAID_AT_ONCE and not flight.noted and not task.snapshot.parked:
                await self._say(flight, task.look_problem)
        except Exception as failed:  # noqa: BLE001 -- see above
            return await survived(flight, self._opened, self._books, failed)
        if is_limited(error):
            queue.bucket.close(now + min(max(pause, _AT_LEAST_CLOSED), _LONGEST_CLOSED))
        elif is_down(error):
            queue.breaker.failed(now, str(error))
        else:
            queue.breaker.answered()
        return pause


def _is_worth_noting(flight: Flight) -> bool:
    """Tell whether a look that showed nothing new is news after failed ones, or because it is so long ago."""
    return bool(
        flight.noted or flight.errors or flight.missing or flight.asked_at - flight.written_at > LOOK_WRITTEN_EVERY
    )


def _is_known(flight: Flight, seen: Observation) -> bool:
    """Tell whether an observation is that which was applied last."""
    return flight.digest is not None and digest_of(seen) == flight.digest
