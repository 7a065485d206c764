"""The ledger from an event loop: order, company, cancelled callers, ends."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger_records import a_record, moved
from taskferry.errors import LedgerError, TaskTaken
from taskferry.ledger import Ledger, Record, open_ledger
from taskferry.ledger.thread import LedgerThread
from taskferry.status import Status


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def thread() -> Iterator[LedgerThread]:
    started = LedgerThread()
    yield started
    started.close()


class Gate:
    """Keeps the ledger's thread busy until it is let go on."""

    def __init__(self) -> None:
        self.entered, self.open = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.entered.set()
        assert self.open.wait(10)


def begins(ledger: Ledger) -> list[str]:
    """Note the beginning of every write transaction from now on."""
    seen: list[str] = []
    with ledger._database.alone() as connection:
        connection.set_trace_callback(lambda text: seen.append(text) if text == "BEGIN IMMEDIATE" else None)
    return seen


async def test_a_lone_write_is_written_at_once(ledger: Ledger, thread: LedgerThread) -> None:
    """It is given as the ledger gives it."""
    added = await thread.write(ledger.add, a_record())

    assert ledger.get(added.id) == added


async def test_what_waits_shares_one_commit(ledger: Ledger, thread: LedgerThread) -> None:
    """Everything that came while the thread was busy."""
    added = [ledger.add(a_record(status=Status.RUNNING)) for _ in range(20)]
    seen, gate = begins(ledger), Gate()
    busy = asyncio.ensure_future(thread.call(gate))
    writes = [
        asyncio.ensure_future(thread.write(ledger.save, moved(one, Status.RUNNING, progress=0.5))) for one in added
    ]
    await asyncio.sleep(0)

    gate.open.set()
    saved = await asyncio.gather(*writes)

    await busy
    assert len(seen) == 1
    assert [record.version for record in saved] == [2] * 20


async def test_a_reading_sees_the_writes_before_it(ledger: Ledger, thread: LedgerThread) -> None:
    """And none that was asked for later."""
    added = ledger.add(a_record(status=Status.RUNNING))
    first = moved(added, Status.RUNNING, progress=0.1)

    written, read, _ = await asyncio.gather(
        thread.write(ledger.save, first), thread.call(ledger.get, added.id), thread.write(ledger.release, added.id)
    )

    assert read == written
    assert read.holder is not None


async def test_a_write_raises_what_the_ledger_raises(ledger: Ledger, thread: LedgerThread) -> None:
    """To its own caller; the others have what they asked for."""
    added = ledger.add(a_record(status=Status.RUNNING))
    twice = [moved(added, Status.RUNNING, progress=progress) for progress in (0.1, 0.2)]

    first, second = await asyncio.gather(*(thread.write(ledger.save, one) for one in twice), return_exceptions=True)

    assert isinstance(first, Record)
    assert isinstance(second, TaskTaken)


async def test_what_was_begun_is_finished_though_its_caller_is_cancelled(
    ledger: Ledger, thread: LedgerThread, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure that nobody waits for any more is logged."""
    good, bad, gate = a_record(), a_record(), Gate()
    ledger.add(bad)
    busy = asyncio.ensure_future(thread.call(gate))
    writes = [asyncio.ensure_future(thread.write(ledger.add, record)) for record in (good, bad)]
    await asyncio.sleep(0)

    for write in writes:
        write.cancel()
    gate.open.set()
    with caplog.at_level(logging.WARNING, "taskferry"):
        await busy
        await asyncio.gather(*writes, return_exceptions=True)
        read = await thread.call(ledger.get, good.id)

    assert all(write.cancelled() for write in writes)
    assert read.snapshot == good.snapshot
    assert "whose caller is gone failed" in caplog.text


async def test_the_loop_does_what_else_is_due_while_many_callers_are_woken(thread: LedgerThread) -> None:
    """However many calls end at the same time, each by itself or in groups."""
    done = threading.Event()
    calls: list[asyncio.Future[Any]] = [thread.call(int) for _ in range(200)]
    calls.append(thread.call(done.set))
    assert done.wait(10)  # the loop does nothing until all but the last are over

    seen = [0]
    while seen[-1] < len(calls):
        await asyncio.sleep(0)
        seen.append(sum(call.done() for call in calls))

    assert max(after - before for before, after in itertools.pairwise(seen)) <= 64


async def test_closing_writes_what_waits_and_takes_nothing_more(ledger: Ledger, thread: LedgerThread) -> None:
    """Whoever comes later is told, not left waiting."""
    records = [a_record() for _ in range(30)]
    writes = [asyncio.ensure_future(thread.write(ledger.add, record)) for record in records]
    await asyncio.sleep(0)

    await asyncio.to_thread(thread.close)
    kept = await asyncio.gather(*writes)

    assert [record.id for record in kept] == [record.id for record in records]
    with pytest.raises(LedgerError, match="was closed"):
        await thread.write(ledger.add, a_record())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # said from 3.12 on
async def test_a_forked_child_has_a_thread_of_its_own(ledger: Ledger, thread: LedgerThread) -> None:
    """The parent's did not come along; what waited in the parent is the parent's to write."""

    async def written() -> Record:
        return await thread.write(ledger.add, a_record())

    added = await written()

    child = os.fork()
    if child == 0:  # pragma: no cover -- another process
        code = 1
        try:
            asyncio._set_running_loop(None)
            record = asyncio.run(written())
            code = 0 if record.holder != added.holder else 2
        finally:
            os._exit(code)
    _, status = await asyncio.to_thread(os.waitpid, child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert len(ledger.recent()) == 2
    assert await thread.call(ledger.get, added.id) == added
