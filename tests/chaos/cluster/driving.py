"""Stand-ins for a worker: `python -m chaos.cluster.driving queue|ferry COUNT` tells when it has had so many tasks.

`queue` hands tasks on without doing anything for them, so that only the queue is measured; `ferry` drives them all
without a queue, so that everything but the queue is.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from chaos.cluster.provider import ADAPTERS, registry
from taskferry import Ferry, Record
from taskferry.ledger.backend import SharesWork
from taskferry.ledger.choosing import open_ledger_for


class Idle:
    """A driver whose tasks are over as soon as they come."""

    def __init__(self, count: int, stop: asyncio.Event) -> None:
        self._left = count
        self._stop = stop
        self.began: float | None = None

    async def drive(self, task_id: str, over: Callable[[str], None]) -> None:
        over(task_id)
        self._had(1)

    async def take(self, records: Sequence[Record]) -> None:
        self._had(len(records))

    @property
    def in_hand(self) -> int:
        return 0

    def _had(self, count: int) -> None:
        self.began = self.began or time.perf_counter()
        self._left -= count
        if self._left <= 0:
            self._stop.set()


async def queue(count: int) -> dict[str, float]:
    """Have the queue hand on so many tasks; give the seconds from the first to the last, and the CPU of it all."""
    stop = asyncio.Event()
    driver = Idle(count, stop)
    ledger = open_ledger_for(Path(os.environ["TASKFERRY_HOME"]), os.environ, registry())
    assert isinstance(ledger, SharesWork)
    with ledger:
        ledger.serve(list(ADAPTERS))
        cpu = time.process_time()
        working = asyncio.create_task(ledger.work(driver, slots=count, stop=stop))
        await stop.wait()
        seconds = time.perf_counter() - (driver.began or 0.0)
        await working
        return {"seconds": seconds, "cpu": time.process_time() - cpu}


async def ferry(count: int) -> dict[str, float]:
    """Drive every task of the ledger in this process, which is none of the workers."""
    async with Ferry(home=os.environ["TASKFERRY_HOME"], registry=registry(), keep=False) as opened:
        began, cpu = time.perf_counter(), time.process_time()
        while (found := await opened.drive_all()) < count:
            print(f"{found} of {count} tasks are there", file=sys.stderr)
        while opened.engine.in_hand:
            await asyncio.sleep(0.05)
        return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}


if __name__ == "__main__":
    print(json.dumps(asyncio.run({"queue": queue, "ferry": ferry}[sys.argv[1]](int(sys.argv[2])))), flush=True)
