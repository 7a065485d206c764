"""How many transitions a second the ledger acknowledges: one commit each, and in the group, in one run."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from ledger_records import a_record
from taskferry.ledger import Ledger, Record, open_ledger
from taskferry.ledger.group import Call, Outcome
from taskferry.ledger.thread import LedgerThread
from taskferry.status import Status

TASKS = 2000
ROUNDS = 10
TIMES = 3
"""Runs of each kind, of which the best counts: the machine is not ours alone."""
ALONE = 1000
"""Commits measured one by one."""
GROUP = 512
REPLY = b'{"code":0,"data":{"status":"running","progress":40}}' * 8


@frozen
class Kind:
    """What changes with every write: the status to and fro, and the reply or not."""

    pair: tuple[Status, Status]
    replies: bool = False


KINDS = {
    "NORMAL, progress": Kind((Status.RUNNING, Status.RUNNING)),
    "NORMAL, progress and the reply": Kind((Status.RUNNING, Status.RUNNING), replies=True),
    "FULL, status": Kind((Status.SUBMITTING, Status.PREPARED)),
}


@frozen(kw_only=True)
class Measured:
    """One run of many waiters."""

    a_second: float
    loop_cost: float
    """Microseconds of the loop's thread for each transition, callers included."""
    blocked: float
    """Milliseconds for which the loop did nothing else, at most."""
    usually: float
    """Milliseconds for which it did nothing else in 99 of 100 times."""


@frozen(kw_only=True)
class Found:
    """What was found of one kind of write."""

    alone: float
    """Transitions a second with a commit each."""
    thread: float
    """Transitions a second of the ledger's thread, by its processor time, when nobody is woken."""
    group: Measured


class NoLedger:
    """Keeps nothing: what is left is what waiting itself costs."""

    def save(self, record: Record) -> Record:
        """Give it back."""
        return record

    def together(self, calls: Sequence[Call]) -> list[Outcome]:
        """Give all of them back."""
        return [(call.args[0], None) for call in calls]


def states(record: Record, kind: Kind) -> list[Record]:
    """Prepare what a task goes through, so that making it is not measured."""
    found = []
    for number in range(ROUNDS):
        snapshot = evolve(
            record.snapshot,
            status=kind.pair[number % 2],
            progress=number / 100,
            looked_at=2000.0 + number,
            raw=REPLY + bytes([number]) if kind.replies else record.snapshot.raw,
        )
        found.append(evolve(record, snapshot=snapshot, version=record.version + number))
    return found


def added(ledger: Ledger, kind: Kind, count: int) -> list[Record]:
    """Add tasks; whoever watches a task has its record at hand, and so have the callers."""
    calls = [Call(ledger.add, (a_record(status=kind.pair[1], raw=REPLY),), {}) for _ in range(count)]
    return [record for record, _ in ledger.together(calls)]


def one_by_one(ledger: Ledger, kind: Kind) -> float:
    """Give transitions a second with a commit each."""
    records = added(ledger, kind, ALONE)
    wanted = [states(record, kind)[0] for record in records]
    began = time.perf_counter()
    for record in wanted:
        ledger.save(record)
    return len(wanted) / (time.perf_counter() - began)


def groups(ledger: Ledger, kind: Kind) -> float:
    """Give transitions a second of processor time that the ledger takes for one full group after another."""
    records = added(ledger, kind, TASKS)
    prepared = [states(record, kind) for record in records]
    kept: list[Any] = []
    began = time.thread_time()
    for number in range(ROUNDS):
        for first in range(0, len(prepared), GROUP):
            calls = [Call(ledger.save, (wanted[number],), {}) for wanted in prepared[first : first + GROUP]]
            kept.append(ledger.together(calls))
    seconds = time.thread_time() - began
    assert not [error for outcomes in kept for _, error in outcomes if error is not None]
    return sum(map(len, prepared)) / seconds


async def together(
    thread: LedgerThread, save: Callable[[Record], Record], prepared: Sequence[Sequence[Record]]
) -> Measured:
    """Let every task's own coroutine wait for each of its writes before the next."""

    async def live(wanted: Sequence[Record]) -> None:
        for record in wanted:
            saved = await thread.write(save, record)  # kept until the next, as by whoever watches a task
            kept.append(saved.version)

    kept: list[int] = []
    gaps = [0.0]
    gc.collect()
    gc.freeze()  # what was prepared here is no work of a collector in a real process
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
    gc.unfreeze()
    count = len(kept)
    assert count == sum(map(len, prepared))
    gaps.sort()
    return Measured(
        a_second=count / seconds,
        loop_cost=cpu / count * 1e6,
        blocked=gaps[-1] * 1000,
        usually=gaps[len(gaps) * 99 // 100] * 1000,
    )


async def watch(gaps: list[float]) -> None:
    """Note how late the loop comes back to somebody who asks for one millisecond."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        gaps.append(time.perf_counter() - before - 0.001)


async def measured(home: Path, thread: LedgerThread, kind: Kind) -> Found:
    """Measure one kind of write."""
    alone, by_thread, runs = 0.0, 0.0, []
    with open_ledger(home) as ledger:
        for _ in range(TIMES):
            alone = max(alone, one_by_one(ledger, kind))
            by_thread = max(by_thread, groups(ledger, kind))
            records = added(ledger, kind, TASKS)
            runs.append(await together(thread, ledger.save, [states(record, kind) for record in records]))
            assert ledger.get(records[0].id).version == ROUNDS + 1
    return Found(alone=alone, thread=by_thread, group=max(runs, key=lambda run: run.a_second))


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_group_of_writes_is_many_times_faster_than_a_commit_each(tmp_path: Path) -> None:
    """Both at NORMAL, which the system keeps, and at FULL, which the disk keeps."""
    thread = LedgerThread()
    found: dict[str, Found] = {}
    try:
        waiting = [states(a_record(), Kind((Status.RUNNING, Status.RUNNING))) for _ in range(TASKS)]
        floor = [await together(thread, NoLedger().save, waiting) for _ in range(TIMES)]
        for number, (name, kind) in enumerate(KINDS.items()):
            found[name] = await measured(tmp_path / str(number), thread, kind)
    finally:
        thread.close()

    print(f"\n{TASKS} waiters of a ledger that keeps nothing: {line(max(floor, key=lambda run: run.a_second))}")
    for name, one in found.items():
        print(f"{name}: one commit each {one.alone:,.0f}/s; {TASKS} waiters {line(one.group)}")
        print(f"    {one.group.a_second / one.alone:.1f} times as many; {one.thread:,.0f} if nobody is woken")
    # far below what an idle machine gives: two threads share whatever a busy one leaves
    assert found["NORMAL, progress"].group.a_second > found["NORMAL, progress"].alone
    assert found["FULL, status"].group.a_second > 5 * found["FULL, status"].alone


def line(run: Measured) -> str:
    """Say what was measured."""
    return (
        f"{run.a_second:,.0f}/s, {run.loop_cost:.1f} us of the loop each; "
        f"blocked for {run.usually:.1f} ms in 99 of 100 times, {run.blocked:.1f} ms at most"
    )
