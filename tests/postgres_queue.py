"""Workers of tests: in this process, or in one of their own that can be killed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx

from postgres_server import environment
from taskferry import Ferry, FerryTask
from taskferry.sandbox import Running

SPEED = 100.0
"""How much faster than the real ones the stand-ins are."""
_SCRIPT = Path(__file__).parent / "integration" / "postgres_worker.py"


def shared(home: Path, provider: Running, **more: str) -> dict[str, str]:
    """Give the variables of all who share a ledger and use a stand-in."""
    return {**provider.env, **environment(home), **more}


def made(provider: Running) -> int:
    """Give how many jobs the provider was asked to make."""
    return len(httpx.get(f"{provider.base_url}/_sandbox/tasks").json()["tasks"])


@asynccontextmanager
async def worker(ferry: Ferry, *providers: str, slots: int = 100) -> AsyncIterator[asyncio.Event]:
    """Have a ferry take tasks out of the queue for the length of the block."""
    ledger: Any = ferry.ledger
    stop = asyncio.Event()
    await ferry.engine.call(ledger.serve, providers or ("vap",))
    working = asyncio.create_task(ledger.work(ferry.engine, slots=slots, stop=stop))
    try:
        yield stop
    finally:
        stop.set()
        await working


@contextmanager
def worker_process(home: Path, environ: Mapping[str, str], slots: int = 1000) -> Iterator[subprocess.Popen[str]]:
    """Have a process that takes tasks out of the queue; it is killed at the end of the block, if it still lives."""
    command = [sys.executable, str(_SCRIPT), str(home), str(slots), "vap"]
    process = subprocess.Popen(command, env={**environ, "PATH": ""}, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "begins\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def until(true: Callable[[], bool], seconds: float = 30.0) -> float:
    """Wait until something is so; give how long that took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds
        await asyncio.sleep(0.05)
    return time.monotonic() - began


async def submitted(ferry: Ferry, count: int, prompt: str) -> list[FerryTask]:
    """Give so many tasks, each with a number behind the prompt."""
    return list(await asyncio.gather(*(ferry.submit("vap/image", prompt=f"{prompt} {n}") for n in range(count))))


def rows(ferry: Ferry, query: str) -> list[tuple[Any, ...]]:
    """Ask the database itself."""
    ledger: Any = ferry.ledger
    with ledger._postgres.reading() as connection:
        return [tuple(row) for row in connection.execute(query).fetchall()]


def jobs(ferry: Ferry) -> dict[str, int]:
    """Give how many jobs of each status the queue has."""
    return dict(rows(ferry, "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1"))


def holders(ferry: Ferry) -> dict[str | None, int]:
    """Give how many tasks that have not ended each holder has."""
    query = (
        "SELECT holder, count(*) FROM tasks WHERE status IN ('prepared', 'submitting', 'queued', 'running') GROUP BY 1"
    )
    return dict(rows(ferry, query))
