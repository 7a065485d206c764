"""A process that takes tasks out of the queue until it is told to stop, and says when it begins and has ended."""

from __future__ import annotations

import asyncio
import signal
import sys

from taskferry import Ferry
from taskferry_postgres import rescue, working

working.HEARTBEAT, rescue.LAP, rescue.STALLED, rescue.SWEEP = 0.2, 0.2, 1.0, 0.6  # so that tests are quick


async def main(home: str, slots: int) -> None:
    """Work until SIGTERM, then hand the rest over."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Ferry(home=home, speed=100.0) as ferry:
        await ferry.engine.call(ferry.ledger.serve, sys.argv[3:])
        print("begins", flush=True)
        await ferry.ledger.work(ferry.engine, slots=slots, stop=stop)
    print("has ended", flush=True)


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
