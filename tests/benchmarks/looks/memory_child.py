"""What a task in flight costs: `python -m benchmarks.looks.memory_child SPEC` prints bytes and CPU per look as JSON."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import sys
import time
from pathlib import Path

from benchmarks.looks.cores import CLIENT, pin
from benchmarks.looks.ferry_client import opened
from benchmarks.looks.spec import Spec
from benchmarks.looks.tally import Tally

WARM = 500
"""Tasks that are watched before anything is measured: connections, caches and code are all there then."""


def resident() -> int:
    """Give the bytes that this process really takes, after a collection."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def measured(spec: Spec, tally: Tally) -> dict[str, float]:
    """Resume some tasks, then watch all the others; measure once the server has been asked about each of them."""
    looks = tally.looks
    async with opened(spec) as ferry:
        for record in await ferry.recent(WARM):
            await ferry.resume(record.id)
        await looked(tally, looks + WARM)
        before, began, looks = resident(), time.perf_counter(), tally.looks
        await ferry.drive_all()
        resumed = time.perf_counter() - began
        await looked(tally, looks + round((1 + spec.warm) * spec.tasks))
        grown = resident() - before
        looks, cpu, wall = tally.looks, time.process_time(), time.perf_counter()
        await asyncio.sleep(spec.seconds)
        return {
            "bytes_per_task": grown / (spec.tasks - WARM),
            "looks": tally.looks - looks,
            "cpu": time.process_time() - cpu,
            "wall": time.perf_counter() - wall,
            "resumed": resumed,
        }


async def looked(tally: Tally, looks: int) -> None:
    """Wait until the server has answered so many looks."""
    while tally.looks < looks:
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    pin(CLIENT)
    given = Spec(**json.loads(sys.argv[1]))
    print(json.dumps(asyncio.run(measured(given, Tally(Path(given.tally))))), flush=True)
    os._exit(0)  # a hundred thousand rows are not worth closing one by one
