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


@pytest.mark.parametrize("prompt", ["accept", "raise", "look"])
@pytest.mark.parametrize("wished", [False, True])
@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_create_that_an_adapter_calls_free_leaves_the_job_unconfirmed_whatever_is_wished(
    tmp_path: Path, respx_mock: respx.MockRouter, prompt: str, wished: bool
) -> None:
    """A job may exist: it is never sent again and never ends as cancelled; the wish is acted on when it is found."""
    creating, go_on = asyncio.Event(), asyncio.Event()

    async def job(request: httpx.Request) -> httpx.Response:
        creating.set()
        await go_on.wait()
        return httpx.Response(200, json={"id": "1"})

    create = respx_mock.post(f"{acme.BASE}/jobs").mock(side_effect=job)
    look = respx_mock.get(f"{acme.BASE}/jobs/1").mock(return_value=httpx.Response(503))
    stop = respx_mock.post(f"{acme.BASE}/jobs/1/stop").respond(json={"outcome": "accepted"})

    async with VirtualClock() as clock, broken_acme.ferry(tmp_path, clock=clock) as ferry:
        submitting = asyncio.create_task(ferry.submit("mislabelling/image", prompt=prompt))
        await creating.wait()
        [row] = await ferry.recent()
        task: FerryTask = await ferry.task(row.id)
        if wished:
            await task.cancel()
        go_on.set()
        snapshot = (await submitting).snapshot
        if wished:
            states = ["working", "working", "stopped"]
            look.mock(side_effect=[httpx.Response(200, json={"state": state}) for state in states])
            await ferry.reconcile(task.id, adopt="1")
            end = await (await ferry.resume(task.id)).wait(600)

    assert (snapshot.status, snapshot.cancel_wanted) == (Status.UNCONFIRMED, wished)
    assert snapshot.failure is not None
    assert create.call_count == 1
    assert stop.call_count == int(wished)
    assert not wished or end.snapshot.status is Status.CANCELLED
