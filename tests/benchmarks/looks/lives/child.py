"""One client waits for its jobs in its own way: `python -m benchmarks.looks.lives.child CLIENT PORT`."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
import time


async def run(client: str, port: int) -> None:
    """Wait for every job of the plan, all at once; print the CPU seconds that it took from import to end."""
    module = importlib.import_module(f"benchmarks.looks.lives.with_{client}")
    began = time.process_time()
    await module.wait_for_all(port)
    print(json.dumps({"cpu": time.process_time() - began}))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2])))
