"""Ours: a real ferry with a real ledger, its tasks always due; nothing is cut short but the pause between looks."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from benchmarks.looks.provider import OPERATIONS, registry, remote_of
from benchmarks.looks.server import COST
from benchmarks.looks.spec import Spec
from taskferry import Cost, Ferry, Status
from taskferry.ledger import Ledger
from taskferry.ledger.record import Job, Record
from taskferry.task import Snapshot, new_id

KEYS = {"BENCH_KEY": "key", "VAP_API_KEY": "key"}
ALWAYS_DUE = 1e9
"""The `speed` at which every pause between looks is too short to be noticed, unless the server asks for one."""


def opened(spec: Spec) -> Ferry:
    """Give a ferry whose tasks live at the server."""
    if not spec.fast:
        sys.modules["pyreqwest"] = None  # what an environment without the extra looks like
    address = f"http://127.0.0.1:{spec.port}"
    return Ferry(
        home=spec.home,
        registry=registry(),
        environ=KEYS,
        base_urls=dict.fromkeys(OPERATIONS, address),
        keep=False,
        speed=ALWAYS_DUE,
    )


async def write_rows(ferry: Ferry, spec: Spec) -> None:
    """Write a row for each task, as if it had been submitted a moment ago."""
    account = ferry.engine.accounts.account(spec.provider)
    job = Job(
        provider=spec.provider,
        operation=OPERATIONS[spec.provider],
        generation=account.generation,
        base_url=account.base_url,
        account=account.fingerprint,
        parameters={"prompt": "a fox"},
    )

    def write(ledger: Ledger) -> None:
        for number in range(spec.tasks or spec.in_flight):
            remote = remote_of(spec.provider, f"{number:032x}")
            ledger.add(Record(job=job, snapshot=running(job), remote=remote))

    await ferry.engine.call(write, ferry.ledger)


def running(job: Job) -> Snapshot:
    """Give the state of a task that was looked at before: the next look shows nothing new."""
    now = time.time()
    return Snapshot(
        id=new_id(now),
        provider=job.provider,
        operation=job.operation,
        status=Status.RUNNING,
        provider_status="executing",
        cost=Cost(estimated=Decimal(COST), unit="USD"),
        created_at=now,
        submitted_at=now,
        started_at=now,
        looked_at=now,
    )


@asynccontextmanager
async def asking(spec: Spec) -> AsyncIterator[None]:
    """Watch tasks that are due again at once, with so many requests under way if the fast lane may be used."""
    async with opened(spec) as ferry:
        if spec.fast:
            ferry.engine._transport.lane.at_once = spec.in_flight  # the fallback keeps to what it carries well
        await write_rows(ferry, spec)
        await ferry.resume_all()
        yield
