"""What a careful user of stock httpx writes: one client, so many loops of get and json."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from benchmarks.looks.spec import Spec, looping


@asynccontextmanager
async def asking(spec: Spec) -> AsyncIterator[None]:
    """Keep so many requests under way."""
    limits = httpx.Limits(max_connections=spec.in_flight, max_keepalive_connections=spec.in_flight)
    headers = {"Authorization": "Bearer key"}
    async with httpx.AsyncClient(limits=limits, headers=headers, timeout=60) as client:

        async def look(url: str) -> object:
            return (await client.get(url)).json()

        async with looping(spec, look):
            yield
