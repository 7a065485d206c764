"""One sample in a fresh process: `python -m benchmarks.looks.child SPEC` prints what it measured, as JSON."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import time
from pathlib import Path

from benchmarks.looks.cores import CLIENT, pin
from benchmarks.looks.spec import Spec
from benchmarks.looks.tally import Tally

_LOOKS_BEFORE = 2
"""Looks at each task of the ferry before anything is measured: the first one reads the task's row, once in its life."""


async def measured(spec: Spec) -> dict[str, float]:
    """Let a client work, and give its looks, requests and CPU seconds, threads included, in the measured window."""
    tally = Tally(Path(spec.tally))
    module = importlib.import_module(f"benchmarks.looks.{spec.client}_client")
    begun = tally.looks
    async with module.asking(spec):
        await asyncio.sleep(spec.warm)
        while tally.looks - begun < _LOOKS_BEFORE * spec.tasks:
            await asyncio.sleep(0.05)
        looks, requests, cpu, wall = tally.looks, tally.requests, time.process_time(), time.perf_counter()
        await asyncio.sleep(spec.seconds)
        return {
            "looks": tally.looks - looks,
            "requests": tally.requests - requests,
            "cpu": time.process_time() - cpu,
            "wall": time.perf_counter() - wall,
        }


if __name__ == "__main__":
    pin(CLIENT)
    print(json.dumps(asyncio.run(measured(Spec(**json.loads(sys.argv[1]))))), flush=True)
    os._exit(0)  # connections and rows of thousands of tasks are not worth closing one by one
