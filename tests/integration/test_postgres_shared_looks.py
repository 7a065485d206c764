"""Two ferries on one ledger in PostgreSQL, and one account at a provider that counts what they send."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint
from pathlib import Path

import httpx
import pytest
from attrs import evolve

from integration.card_stand_ins import FABLE, DrawnOnce
from postgres_server import environment
from taskferry import Ferry, Registry
from taskferry.poller.pace import pace_of
from taskferry.poller.share import LATE
from taskferry.sandbox import CardStandIn, Running, running

JITTER = 0.5
"""Seconds that a request may take longer than another where two ferries and the provider share a busy machine."""


def ferry(home: Path, name: str, provider: Running, per_minute: float) -> Ferry:
    """Give a ferry that looks far more often than it may."""
    points = [EntryPoint("postgres", "taskferry_postgres.plugin", "taskferry")]
    registry = Registry(entry_points=points, disabled="", cards=())
    registry.add_card(evolve(FABLE, requests_per_minute=per_minute))
    return Ferry(
        home=home / name, registry=registry, environ={**provider.env, **environment(home)}, speed=50, keep=False
    )


@asynccontextmanager
async def two_that_look(home: Path, per_minute: float, jobs: int) -> AsyncIterator[Running]:
    """Have two ferries submit so many jobs each and look at them; they never end."""
    card = evolve(FABLE, requests_per_minute=per_minute)

    def stand_in(settings: object) -> CardStandIn:
        return DrawnOnce(card, settings)

    with running({"fable": stand_in}) as servers:
        provider = servers["fable"]
        async with ferry(home, "one", provider, per_minute) as one, ferry(home, "two", provider, per_minute) as two:
            tasks = [
                both.submit("fable/image", prompt=f"[[stuck]] {i} {id(both)}")
                for i in range(jobs)
                for both in (one, two)
            ]
            kept = await asyncio.gather(*tasks)
            yield provider
            del kept


def sent(provider: Running) -> list[tuple[float, str, int]]:
    """Give when the provider heard what, and what it answered."""
    requests = httpx.get(f"{provider.base_url}/_sandbox/requests").json()["requests"]
    return [(one["at"], one["kind"], one["status"]) for one in requests if one["kind"] in ("create", "read")]


def most_in(seconds: float, times: Sequence[float]) -> int:
    return max(bisect_left(times, begin + seconds) - place for place, begin in enumerate(times))


async def test_creates_and_looks_of_two_ferries_together_keep_to_the_limit(tmp_path: Path) -> None:
    """Neither learns it from a refusal, and hardly anything of it is left unused."""
    rate, burst = pace_of(900, LATE)

    async with two_that_look(tmp_path, 900, jobs=15) as provider:
        await asyncio.sleep(7)
        end, requests = time.time(), sent(provider)

    times = [at for at, _, _ in requests]
    assert {status for _, _, status in requests} == {200}
    assert {kind for _, kind, _ in requests} == {"create", "read"}
    for seconds in (0.5, 1, 2, 4):
        assert most_in(seconds, times) <= burst + rate * (seconds + LATE + JITTER) + 1
    assert sum(end - 4 < at <= end for at in times) >= 0.9 * 15 * 4


@pytest.mark.slow
async def test_no_minute_of_the_providers_sees_more_than_its_limit(tmp_path: Path) -> None:
    """As the provider counts it, which never refuses one."""
    async with two_that_look(tmp_path, 600, jobs=30) as provider:
        await asyncio.sleep(100)
        end, requests = time.time(), sent(provider)

    times = [at for at, _, _ in requests]
    assert {status for _, _, status in requests} == {200}
    assert most_in(60, times) <= 600
    assert sum(end - 60 < at <= end for at in times) >= 0.92 * 600
