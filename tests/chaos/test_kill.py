"""Processes killed with SIGKILL at random moments: no job is lost, none is made twice."""

from __future__ import annotations

import collections
import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskferry import Ferry, Status
from taskferry.sandbox import Running, running

CHILD = Path(__file__).with_name("child.py")


@pytest.fixture
def provider() -> Iterator[Running]:
    """A stand-in in this process, which counts what it was asked to make."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=50, limits=False) as servers:
        yield servers["vap"]


def kill_some(kills: int, home: Path, environ: dict[str, str], chance: random.Random) -> None:
    """Start children one after another and kill each at a random moment of its work."""
    number = 0
    for _ in range(kills):
        command = [sys.executable, str(CHILD), str(home), str(number)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **environ}, text=True) as child:
            child.stdout.readline()  # it is about to submit
            time.sleep(chance.random() * 0.25)
            child.kill()
            said = child.stdout.read().split()
        number = int(said[-1]) + 1 if said else number + 1


async def settle(home: Path, environ: dict[str, str]) -> collections.Counter[str]:
    """Go on with everything in one more process, reconcile what is unconfirmed, and count the ends."""
    async with Ferry(home=home, environ=environ, speed=50) as ferry:
        for task in await ferry.resume_all():
            await task.wait()
        for record in await ferry.recent(10_000, statuses={Status.UNCONFIRMED}):
            await ferry.reconcile(record.id)
        for task in await ferry.resume_all():
            await task.wait()
        return collections.Counter(record.snapshot.status.value for record in await ferry.recent(10_000))


def made(provider: Running) -> collections.Counter[str]:
    """Count the jobs that the provider has, by prompt."""
    with urllib.request.urlopen(f"{provider.base_url}/_sandbox/tasks") as reply:
        return collections.Counter(task["prompt"] for task in json.load(reply)["tasks"])


async def chaos(kills: int, seed: int, provider: Running, home: Path) -> None:
    environ = dict(provider.env)
    kill_some(kills, home, environ, random.Random(seed))

    ends = await settle(home, environ)

    jobs = made(provider)
    async with Ferry(home=home, environ=environ) as ferry:
        rows = await ferry.recent(10_000)
    adopted = [row.remote for row in rows if row.remote is not None]
    print(f"\n{kills} kills: {len(rows)} tasks, {sum(jobs.values())} jobs at the provider, ends {dict(ends)}")
    assert max(jobs.values(), default=0) <= 1, "a job was made twice"
    assert len({json.dumps(remote) for remote in adopted}) == len(adopted), "two tasks have one job"
    assert sum(jobs.values()) <= len(rows), "a job has no row"
    unclear = ends.pop("unconfirmed", 0)
    assert sum(jobs.values()) <= len(adopted) + unclear, "a job was lost"
    assert set(ends) <= {"succeeded"}


async def test_a_few_kills_lose_nothing_and_double_nothing(provider: Running, tmp_path: Path) -> None:
    """The seeded part of the chaos run that every test run has."""
    await chaos(6, 2026, provider, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_many_kills_lose_nothing_and_double_nothing(provider: Running, tmp_path: Path) -> None:
    """`make chaos KILLS=N`."""
    await chaos(int(os.environ.get("KILLS", "200")), random.randrange(10**6), provider, tmp_path)
