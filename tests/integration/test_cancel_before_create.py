"""A wish to cancel that comes before the billed call left: nothing is sent, nothing is held back of the caps."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
import respx

import acme
import broken_acme
from taskferry import CancelOutcome, FerryTask, Finished, Status
from taskferry.testing import VirtualClock


@pytest.mark.parametrize("answer", [200, 503, 400])
@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_job_that_is_cancelled_during_its_upload_is_never_sent(
    tmp_path: Path, respx_mock: respx.MockRouter, answer: int
) -> None:
    """However the upload ends, the provider sees no create, and what was reserved is free again."""
    uploading, go_on = asyncio.Event(), asyncio.Event()

    async def upload(request: httpx.Request) -> httpx.Response:
        uploading.set()
        await go_on.wait()
        return httpx.Response(answer, json={"id": "file-1"})

    respx_mock.post(f"{acme.BASE}/uploads").mock(side_effect=upload)
    create = respx_mock.post(f"{acme.BASE}/jobs").respond(json={"id": "1"})

    async with VirtualClock() as clock, broken_acme.ferry(tmp_path, clock=clock, caps={"day": "5 USD"}) as ferry:
        submitting = asyncio.create_task(ferry.submit("uploading/image", prompt="a fox"))
        await uploading.wait()
        [row] = await ferry.recent()
        task: FerryTask = await ferry.task(row.id)
        reserved = (await ferry.spend()).caps[0].left
        outcome = await task.cancel()
        go_on.set()
        submitted = await submitting
        end = await submitted.wait()
        free = (await ferry.spend()).caps[0].left

    assert outcome is CancelOutcome.UNKNOWN
    assert isinstance(end, Finished)
    assert end.snapshot.status is Status.CANCELLED
    assert create.call_count == 0
    assert (str(reserved), str(free)) == ("4.82", "5")
