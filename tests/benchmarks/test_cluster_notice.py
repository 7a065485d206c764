"""How soon a wait in one process sees the end that a worker found."""

from __future__ import annotations

import asyncio
import statistics
import time

import pytest

from benchmarks.clusters import at_most, ledgers, size
from benchmarks.looks.results import Result, Table, save
from chaos.cluster.cluster import Cluster
from chaos.cluster.scenarios import two
from taskferry import Finished
from taskferry.handle import FerryTask

WAITS = size("WAITS", 300)
_EVERY = 0.01
"""Seconds between two reads of what has been written."""


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_wait_sees_what_a_worker_found_within_a_second() -> None:
    """From the moment at which the end can be read in the database."""
    with ledgers() as cluster, cluster() as one:
        await asyncio.to_thread(two, one)
        late = await waited(one)

    middle, most = statistics.median(late), statistics.quantiles(late, n=20, method="inclusive")[-1]
    table = Table(
        title="How soon a wait elsewhere sees the end",
        columns=("waits at once", "median", "95 of 100", "longest"),
        rows=[(str(WAITS), f"{1000 * middle:.0f} ms", f"{1000 * most:.0f} ms", f"{1000 * max(late):.0f} ms")],
        notes=(
            "From the moment at which the end that a worker wrote can be read in the database, which is read every 10 "
            "ms, to the return of `wait` in the process that had submitted the task."
        ),
    )
    goal = at_most("a wait in one process sees the end that another found, 95 of 100", most, 1, " s")
    save("cluster/notice", Result(goals=[goal], tables=[table]))
    assert most < 5


async def waited(cluster: Cluster) -> list[float]:
    """Submit, have all jobs end over some seconds, and give how late each wait came back."""
    async with cluster.ferry(keep=False) as ferry:
        tasks = [await ferry.submit("single/image", prompt=f"fox {number}") for number in range(WAITS)]
        waiting = asyncio.gather(*map(_waited, tasks))
        while cluster.count("running", "queued") < WAITS:
            await asyncio.sleep(0.5)
        await asyncio.to_thread(cluster.provider.set, end_in=WAITS / 30)
        written = await asyncio.to_thread(_written, cluster)
        back = await waiting
    return [max(at - written[task.id], 0.0) for task, at in zip(tasks, back, strict=True)]


async def _waited(task: FerryTask) -> float:
    outcome = await task.wait(600)
    assert isinstance(outcome, Finished)
    return time.monotonic()


def _written(cluster: Cluster) -> dict[str, float]:
    """Read every few milliseconds which ends have been written; give when each was seen for the first time."""
    seen: dict[str, float] = {}
    while len(seen) < WAITS:
        rows = cluster.ask("SELECT task FROM transitions WHERE after = 'succeeded'")
        now = time.monotonic()
        for (task,) in rows:
            seen.setdefault(task, now)
        time.sleep(_EVERY)
    return seen
