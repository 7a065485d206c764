"""Expectations: how long jobs take, learned here and, where a ledger is shared, in other processes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, cast

import pytest

import acme
from ledger_records import a_record
from taskferry.errors import LedgerError
from taskferry.ledger.history import Duration
from taskferry.ledger.protocol import LedgerProtocol
from taskferry.ledger.thread import LedgerThread
from taskferry.poller.expecting import READ_AGAIN, Expectations


class Past:
    """A ledger that knows how long some jobs took."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.reads = 0
        self.broken = False

    def durations(self, operation: str, model: str | None, size: str | None) -> list[Duration]:
        self.reads += 1
        if self.broken:
            raise LedgerError("away")
        return [Duration(queue_seconds=1.0, run_seconds=seconds) for seconds in reversed(self.seconds)]


class SharedPast(Past):
    """The same, which other processes write to as well."""

    def lease_requests(self, *_: Any, **__: Any) -> Any: ...

    def hold_back(self, *_: Any) -> None: ...

    def tell_of_holds(self, _: Any) -> None: ...


class Clock:
    """A clock that moves when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def thread() -> Iterator[LedgerThread]:
    started = LedgerThread()
    yield started
    started.close()


def expectations(past: Past, thread: LedgerThread, clock: Clock) -> Expectations:
    return Expectations(cast("LedgerProtocol", past), thread, acme.registry(), clock, speed=1.0)


async def settled(thread: LedgerThread) -> None:
    """Let what is read in the background arrive."""
    await asyncio.sleep(0)
    await thread.call(int)
    await asyncio.sleep(0)


async def test_what_others_learned_is_read_again_beside_the_next_job(thread: LedgerThread) -> None:
    """At most once a minute; the jobs under way hear of it too, since all share the same."""
    past, clock, job = SharedPast(), Clock(), a_record().job
    expected = expectations(past, thread, clock)
    durations, _ = await expected.of(job)
    told = durations.typical.median
    past.seconds = [100.0] * 10

    clock.now = READ_AGAIN - 1
    await expected.of(job)
    await settled(thread)
    before = (past.reads, durations.typical.median)
    clock.now = READ_AGAIN
    again = [await expected.of(job) for _ in range(3)]
    await settled(thread)

    assert before == (1, told)
    assert past.reads == 2
    assert {id(found) for found, _ in again} == {id(durations)}
    assert durations.typical.median == 100.0


async def test_a_ledger_of_one_machine_is_read_once(thread: LedgerThread) -> None:
    """This process has learned the rest itself."""
    past, clock, job = Past(), Clock(), a_record().job
    expected = expectations(past, thread, clock)

    for clock.now in (0.0, 100.0, 1000.0):
        await expected.of(job)
        await settled(thread)

    assert past.reads == 1


async def test_a_ledger_that_is_away_changes_nothing(thread: LedgerThread) -> None:
    """It is read a minute later."""
    past, clock, job = SharedPast(), Clock(), a_record().job
    past.seconds = [100.0] * 10
    expected = expectations(past, thread, clock)
    await expected.of(job)

    past.broken, clock.now = True, READ_AGAIN
    durations, _ = await expected.of(job)
    await settled(thread)

    assert past.reads == 2
    assert durations.typical.median == 100.0
