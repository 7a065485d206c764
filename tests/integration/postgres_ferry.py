"""A process with a ferry that submits so many jobs, says their ids, and watches them until it is killed."""

from __future__ import annotations

import asyncio
import json
import os
import sys

from taskferry import Ferry, Status


async def main(count: int) -> None:
    """Submit, tell, and wait for ever."""
    async with Ferry(home=sys.argv[1]) as ferry:
        tasks = await asyncio.gather(
            *(ferry.submit(os.environ["OPERATION"], prompt=f"[[run:200]] a fox {number}") for number in range(count))
        )
        while any(task.snapshot.status is Status.PREPARED or task.elsewhere for task in tasks):
            await asyncio.sleep(0.02)
        print(json.dumps([task.id for task in tasks]), flush=True)
        await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[2])))
