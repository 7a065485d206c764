"""How many transitions a second the ledger acknowledges: one commit each, and in the group, in one run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from attrs import evolve, frozen

from ledger_records import a_record
from taskferry.ledger import Ledger, Record, open_ledger
from taskferry.ledger.thread import LedgerThread
from taskferry.status import Status

TASKS = 2000
ROUNDS = 10
ALONE = 1000
"""Commits measured one by one."""
REPLY = b'{"code":0,"data":{"status":"running","progress":40}}' * 8


@frozen(kw_only=True)
class Measured:
    """One run of many waiters."""

    a_second: float
    loop_cost: float
    """Microseconds of the loop's thread for each transition, callers included."""
    blocked: float
    """Milliseconds for which the loop did nothing else, at most."""


def step(record: Record, number: int, status: Status) -> Record:
    """Give a record's next state: another progress, another status if wanted."""
    snapshot = evolve(record.snapshot, status=status, progress=number / 100, looked_at=2000.0 + number)
    return evolve(record, snapshot=snapshot, version=record.version + number)


def states(record: Record, pair: Sequence[Status]) -> list[Record]:
    """Prepare what a task goes through, so that making it is not measured."""
    return [step(record, number, pair[number % 2]) for number in range(ROUNDS)]


def one_by_one(ledger: Ledger, records: Sequence[Record], pair: Sequence[Status]) -> float:
    """Give transitions a second with a commit each."""
    wanted = [step(record, 0, pair[0]) for record in records]
    began = time.perf_counter()
    for record in wanted:
        ledger.save(record)
    return len(wanted) / (time.perf_counter() - began)


async def together(thread: LedgerThread, ledger: Ledger, prepared: Sequence[Sequence[Record]]) -> Measured:
    """Let every task's own coroutine wait for each of its writes before the next."""

    async def live(wanted: Sequence[Record]) -> None:
        kept.extend([await thread.write(ledger.save, record) for record in wanted])

    kept: list[Record] = []
    gaps = [0.0]
    watching = asyncio.create_task(watch(gaps))
    began, cpu = time.perf_counter(), time.thread_time()
    waiters = []
    for wanted in prepared:
        waiters.append(asyncio.create_task(live(wanted)))
        if len(waiters) % 100 == 0:
            await asyncio.sleep(0)  # that all begin at once is this test's doing, not the ledger's
    await asyncio.gather(*waiters)
    seconds, cpu = time.perf_counter() - began, time.thread_time() - cpu
    watching.cancel()
    count = len(kept)
    assert count == sum(map(len, prepared))
    return Measured(a_second=count / seconds, loop_cost=cpu / count * 1e6, blocked=max(gaps) * 1000)


async def watch(gaps: list[float]) -> None:
    """Note how late the loop comes back to somebody who asks for one millisecond."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        gaps.append(time.perf_counter() - before - 0.001)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_group_of_writes_is_many_times_faster_than_a_commit_each(tmp_path: Path) -> None:
    """Both at NORMAL, which the system keeps, and at FULL, which the disk keeps."""
    thread = LedgerThread()
    found: dict[str, tuple[float, Measured]] = {}
    try:
        for name, pair in {
            "NORMAL": (Status.RUNNING, Status.RUNNING),
            "FULL": (Status.SUBMITTING, Status.PREPARED),
        }.items():
            with open_ledger(tmp_path / name) as ledger:
                added = [ledger.add(a_record(status=pair[1], raw=REPLY)) for _ in range(TASKS + ALONE)]
                alone = one_by_one(ledger, added[TASKS:], pair)
                prepared = [states(record, pair) for record in added[:TASKS]]
                found[name] = alone, await together(thread, ledger, prepared)
                assert ledger.get(added[0].id).version == ROUNDS + 1
    finally:
        thread.close()

    for name, (alone, group) in found.items():
        print(
            f"\n{name}: one commit each {alone:,.0f}/s; {TASKS} waiters {group.a_second:,.0f}/s, "
            f"{group.a_second / alone:.1f} times as many; {group.loop_cost:.1f} us of the loop each; "
            f"loop blocked for {group.blocked:.1f} ms at most"
        )
    # far below what an idle machine gives: two threads share whatever a busy one leaves
    assert found["NORMAL"][1].a_second > found["NORMAL"][0]
    assert found["FULL"][1].a_second > 5 * found["FULL"][0]
