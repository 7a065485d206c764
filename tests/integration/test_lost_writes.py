"""A ledger that has lost the last writes of a process that lives, as a database server's crash may have it."""

from __future__ import annotations

import contextlib
import gc
import sqlite3
from pathlib import Path

import respx

import acme
from taskferry import Finished, Status
from taskferry.ledger.opening import FILE
from taskferry.testing import VirtualClock

LOST = "UPDATE tasks SET version = version - 1, holder = NULL"
"""What a claim leaves that was not kept."""


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_task_goes_on_from_the_row_that_the_ledger_still_has(
    tmp_path: Path, respx_mock: respx.MockRouter
) -> None:
    """It is neither read for ever nor sent again: it is taken up anew, and ends."""
    create = respx_mock.post(f"{acme.BASE}/jobs").respond(json={"id": "1"})
    look = respx_mock.get(f"{acme.BASE}/jobs/1").respond(json={"id": "1", "state": "working"})

    async with VirtualClock() as clock, acme.ferry(tmp_path, clock=clock, keep=False) as ferry:
        task_id = (await ferry.submit("acme/image", prompt="a fox")).id
        gc.collect()
        with contextlib.closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
            connection.execute(LOST)
        look.respond(json={"id": "1", "state": "done", "images": ["https://files.acme.example/1.png"]})
        outcome = await (await ferry.task(task_id)).wait(600)

    assert isinstance(outcome, Finished)
    assert outcome.snapshot.status is Status.SUCCEEDED
    assert create.call_count == 1
