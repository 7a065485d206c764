"""A create reply that comes when another process has taken the row for lost: what the reply says is not lost."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import httpx
import pytest
import respx

import acme
from taskferry import Status
from taskferry.ledger.opening import FILE
from taskferry.testing import VirtualClock

TAKEN_OVER = "UPDATE tasks SET status = ?, holder = NULL, version = version + 1"
"""What a process leaves that finds a row whose holder seems to be dead while its billed call is out."""


@pytest.mark.parametrize(
    ("meanwhile", "remote", "end"),
    [
        (Status.UNCONFIRMED, {"id": "1"}, Status.SUCCEEDED),
        (Status.SUBMITTING, {"id": "1"}, Status.SUCCEEDED),
        (Status.REFUSED, None, Status.REFUSED),
    ],
)
@respx.mock(using="taskferry", assert_all_called=False)
async def test_the_row_is_taken_back_unless_somebody_has_settled_it(
    tmp_path: Path, respx_mock: respx.MockRouter, meanwhile: Status, remote: object, end: Status
) -> None:
    """One that is still unclear goes on with its job; what a user has abandoned stays so."""

    def job(request: httpx.Request) -> httpx.Response:
        with contextlib.closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
            connection.execute(TAKEN_OVER, (meanwhile.value,))
        return httpx.Response(200, json={"id": "1"})

    create = respx_mock.post(f"{acme.BASE}/jobs").mock(side_effect=job)
    respx_mock.get(f"{acme.BASE}/jobs/1").respond(
        json={"id": "1", "state": "done", "images": ["https://files.acme.example/1.png"]}
    )

    async with VirtualClock() as clock, acme.ferry(tmp_path, clock=clock, keep=False) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        await task.wait(60)
        kept = (await ferry.task(task.id)).record

    assert create.call_count == 1
    assert (kept.remote, kept.snapshot.status) == (remote, end)
