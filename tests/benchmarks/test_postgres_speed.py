"""What the life of a task costs in PostgreSQL: alone, among others, and beside the SQLite ledger; ratios of one run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from ledger_records import a_job, a_record, an_image, moved
from postgres_server import open_in_postgres, server
from taskferry.cost import Cost
from taskferry.ledger import Record, open_ledger
from taskferry.ledger.thread import LedgerThread
from taskferry.spend import Caps, Quantity, Reservation
from taskferry.status import Status

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

LIVES = 600
ALONE = 60
"""Lives of which every write is a transaction of its own."""
AT_ONCE = 128
REPLY = b'{"code":0,"data":{"status":"running","progress":40}}' * 8
RESERVED = Reservation(caps=Caps(), quantity=Quantity(count=1, unit="images"))
PRICE = Cost(estimated=Decimal("0.18"), unit="USD")
_NUMBERS = count()

STEPS: tuple[Callable[[Record], Record], ...] = (
    lambda one: moved(one, Status.SUBMITTING),
    lambda one: evolve(one, create_reply=REPLY),
    lambda one: evolve(moved(one, Status.QUEUED, submitted_at=1.0), remote={"task_id": one.id}),
    lambda one: moved(one, Status.RUNNING, started_at=2.0, raw=REPLY),
    lambda one: moved(
        one, Status.SUCCEEDED, progress=1.0, artifacts=(an_image(),), cost=evolve(PRICE, actual=Decimal("0.17"))
    ),
    lambda one: moved(one, Status.SUCCEEDED, artifacts=(an_image(path=Path("/x.png"), size=3, sha256="ab"),)),
)
"""What the engine writes between the intent and giving the task up, as nine writes in all."""


@frozen(kw_only=True)
class Measured:
    """A run of many lives."""

    a_second: float
    client: float
    """Milliseconds of this process for each life."""
    server: float
    """Milliseconds of the server for each life."""


def intent() -> Record:
    """Make a task for a job that nobody asked for before."""
    job = a_job(parameters={"prompt": f"fox {next(_NUMBERS)}"})
    return a_record(time.time(), job=job, cost=PRICE)


def server_seconds() -> float:
    """Give the processor time that the server's processes took so far."""
    times = [one.cpu_times() for one in server().process.children()]
    return sum(one.user + one.system for one in times)


def measured(lives: int, run: Callable[[int], None]) -> Measured:
    """Run so many lives."""
    served, cpu, began = server_seconds(), time.process_time(), time.perf_counter()
    run(lives)
    seconds = time.perf_counter() - began
    return Measured(
        a_second=lives / seconds,
        client=(time.process_time() - cpu) / lives * 1000,
        server=(server_seconds() - served) / lives * 1000,
    )


def one_by_one(ledger: Any) -> Callable[[int], None]:
    """Give what lives life after life."""

    def run(lives: int) -> None:
        for _ in range(lives):
            kept = ledger.add(intent(), RESERVED, since=time.time() - 180)
            for step in STEPS:
                kept = ledger.save(step(kept))
            ledger.release(kept.id)

    return run


def together(ledger: Any) -> Callable[[int], None]:
    """Give what lives many lives at once, each of which waits for each of its writes."""

    async def live(thread: LedgerThread, places: asyncio.Semaphore) -> None:
        async with places:
            kept = await thread.write(ledger.add, intent(), RESERVED, since=time.time() - 180)
            for step in STEPS:
                kept = await thread.write(ledger.save, step(kept))
            await thread.write(ledger.release, kept.id)

    async def lived(lives: int) -> None:
        thread, places = LedgerThread(), asyncio.Semaphore(AT_ONCE)
        try:
            await asyncio.gather(*(live(thread, places) for _ in range(lives)))
        finally:
            thread.close()

    return lambda lives: asyncio.run(lived(lives))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Any]:
    with open_in_postgres(tmp_path) as opened:
        yield opened


def test_lives_that_share_transactions_cost_a_fraction(ledger: Any, tmp_path: Path) -> None:
    """Here and at the server, and hardly more than those of a file."""
    raw = ledger._postgres._connected().raw
    original, trips = raw.wait, count()
    raw.wait = lambda *values, **more: next(trips) >= 0 and original(*values, **more)
    together(ledger)(AT_ONCE)  # what is prepared once is prepared

    alone, sent = measured(ALONE, one_by_one(ledger)), next(trips)
    group = measured(LIVES, together(ledger))
    sent = next(trips) - sent - 1
    with open_ledger(tmp_path / "file") as file:
        in_file = measured(LIVES, together(file))

    for name, one in {"one by one": alone, "together": group, "together in SQLite": in_file}.items():
        print(f"\n{name}: {one.a_second:,.0f} lives/s, client {one.client:.2f} ms, server {one.server:.2f} ms each")
    print(f"\n{sent / LIVES:.2f} times there and back for a life of {len(STEPS) + 2} writes, together")
    assert ledger.check() == []
    assert sent / LIVES < 2
    assert group.client < alone.client / 2
    assert group.server < alone.server
    assert group.client < in_file.client * 2


def test_a_look_costs_the_same_however_many_there_were(ledger: Any) -> None:
    """A hundredth write of progress finds its row as the first one did."""

    async def looks(tasks: list[Record], each: int) -> list[Record]:
        thread = LedgerThread()

        async def live(task: Record) -> Record:
            for number in range(each):
                task = await thread.write(ledger.save, moved(task, Status.RUNNING, progress=number / 1000))
            return task

        try:
            return list(await asyncio.gather(*map(live, tasks)))
        finally:
            thread.close()

    tasks = [ledger.add(a_record(float(at), status=Status.RUNNING)) for at in range(AT_ONCE)]
    tasks = asyncio.run(looks(tasks, 5))
    costs = []
    for _ in range(6):
        cpu, served = time.process_time(), server_seconds()
        tasks = asyncio.run(looks(tasks, 20))
        costs.append(((time.process_time() - cpu + server_seconds() - served) / 20 / AT_ONCE) * 1e6)

    print(f"\nmicroseconds a look, client and server together: {', '.join(f'{cost:.0f}' for cost in costs)}")
    assert min(costs[3:]) < 2 * min(costs[:3])
