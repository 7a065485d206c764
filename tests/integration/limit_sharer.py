"""A process that sends through a shared bucket as fast as it may, and prints the time of each request."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, cast

from taskferry.clock import SystemClock
from taskferry.ledger.choosing import open_ledger_for
from taskferry.ledger.sharing import SharesLimits
from taskferry.ledger.thread import LedgerThread
from taskferry.poller.sharing import Sharing

PLACE = ("acme", "v1", "https://api.acme.example", "0123")


async def main(per_minute: float, pause: float) -> None:
    """Send for ever; the times are of the clock that all processes of a machine share."""
    clock, thread, running = SystemClock(), LedgerThread(), set[asyncio.Task[None]]()

    def start(work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        running.add(task)
        task.add_done_callback(running.discard)

    ledger = open_ledger_for(Path(sys.argv[1]), os.environ)
    ledger.tell(lambda _: None)
    limits = Sharing(cast("SharesLimits", ledger), thread, clock, start).of(PLACE, per_minute)
    asyncio.get_running_loop().add_reader(0, told, limits)
    while True:
        while (held := limits.bucket.held(clock.monotonic())) > 0:
            await asyncio.sleep(held)
        wait = limits.bucket.draw(clock.monotonic())
        while wait > 0:
            await asyncio.sleep(wait)
            wait = limits.bucket.short(clock.monotonic())
        print(clock.monotonic(), limits.gate.slot(clock.monotonic()) if pause else 0.0, flush=True)
        await asyncio.sleep(pause)


def told(limits: Any) -> None:
    """Do what the test says: `looks SECONDS` or `creates SECONDS` are heard of a provider that has no room."""
    what, _, seconds = sys.stdin.readline().partition(" ")
    now = SystemClock().monotonic()
    if what == "looks":
        limits.bucket.close(now + float(seconds))
    elif what == "creates":
        limits.gate.full(now, float(seconds))


asyncio.run(main(float(sys.argv[2]), float(sys.argv[3])))
