"""`python -m chaos.cluster.enqueue OPERATION COUNT NAME`: leave so many new tasks to workers; tell how quickly."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from attrs import evolve

from chaos.cluster.provider import registry
from taskferry import Ferry, Record, Snapshot, Status
from taskferry.ledger.backend import Call
from taskferry.ledger.record import Job
from taskferry.task import new_id

_TOGETHER = 500
"""Tasks in one transaction."""


async def enqueue(home: Path, environ: Mapping[str, str], operation: str, count: int, name: str) -> Mapping[str, float]:
    """Add the rows as `submit` does, without following any; give the seconds and the CPU that it took."""
    async with Ferry(home=home, environ=environ, registry=registry()) as ferry:
        account = ferry.engine.accounts.account(operation.partition("/")[0])
        job = Job(
            provider=operation.partition("/")[0],
            operation=operation,
            generation=account.generation,
            base_url=account.base_url,
            account=account.fingerprint,
            parameters={},
        )
        began, cpu = time.perf_counter(), time.process_time()
        for start in range(0, count, _TOGETHER):
            records = [prepared(job, f"{name} {number}") for number in range(start, min(start + _TOGETHER, count))]
            calls = [Call(ferry.ledger.add, (record,), {"held": False}) for record in records]
            outcomes = await ferry.engine.call(partial(ferry.ledger.together, calls))
            errors = [error for _, error in outcomes if error is not None]
            if errors:
                raise errors[0]
        return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}


def prepared(job: Job, prompt: str) -> Record:
    """Give a row as the intake makes it."""
    now = time.time()
    snapshot = Snapshot(
        id=new_id(now), provider=job.provider, operation=job.operation, status=Status.PREPARED, created_at=now
    )
    return Record(job=evolve(job, parameters={"prompt": prompt}), snapshot=snapshot)


if __name__ == "__main__":
    wanted, given_count, given_name = sys.argv[1:]
    here = Path(os.environ["TASKFERRY_HOME"])
    print(json.dumps(asyncio.run(enqueue(here, os.environ, wanted, int(given_count), given_name))), flush=True)
