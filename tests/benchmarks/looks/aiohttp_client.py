"""What a careful user of aiohttp writes: one session, so many loops of get and json."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from benchmarks.looks.spec import Spec, looping


@asynccontextmanager
async def asking(spec: Spec) -> AsyncIterator[None]:
    """Keep so many requests under way."""
    connector = aiohttp.TCPConnector(limit=spec.in_flight)
    async with aiohttp.ClientSession(connector=connector, headers={"Authorization": "Bearer key"}) as session:

        async def look(url: str) -> object:
            async with session.get(url) as response:
                return await response.json()

        async with looping(spec, look):
            yield
