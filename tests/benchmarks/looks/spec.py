"""What one sample is to do; read by the measured process from its command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One client at work. No attrs: the peers' environment lacks our packages."""

    client: str
    """`raw`, `aiohttp`, `httpx` or `ferry`."""
    in_flight: int
    """Requests under way at a time."""
    seconds: float = 0.7
    """How long is measured."""
    warm: float = 0.4
    """How long it runs before that."""
    tasks: int = 0
    """Tasks that the ferry watches, all of them always due; 0 for as many as are in flight."""
    fast: bool = True
    """Whether the ferry may use the fast lane."""
    provider: str = "bench"
    """Whose adapter the ferry uses."""
    port: int = 0
    tally: str = ""
    home: str = ""
    """An empty folder for the ferry's ledger."""

    def path(self, number: int) -> str:
        """Give the path that shows one task."""
        return f"/v3/tasks/{number:032x}"


@asynccontextmanager
async def looping(spec: Spec, look: Callable[[str], Awaitable[object]]) -> AsyncIterator[None]:
    """Keep so many loops of one look after the other going; an error in any of them ends the sample."""

    async def loop(number: int) -> None:
        url = f"http://127.0.0.1:{spec.port}{spec.path(number)}"
        while True:
            await look(url)

    loops = [asyncio.create_task(loop(number)) for number in range(spec.in_flight)]
    try:
        yield
        for task in loops:
            if task.done():
                task.result()
    finally:
        for task in loops:
            task.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
