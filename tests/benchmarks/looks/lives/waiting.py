"""What the waiting of other people's packages has in common here: every job of the plan, each with its own loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from benchmarks.looks.lives.plan import Planned, begin, plan


async def wait_each(port: int, client: str, wait: Callable[[str], Awaitable[object]]) -> None:
    """Begin every job at its moment and wait for it as the package does."""

    async def one(planned: Planned) -> None:
        await asyncio.sleep(planned.start)
        await wait(await asyncio.to_thread(begin, port, client, planned))

    await asyncio.gather(*(one(planned) for planned in plan()))
