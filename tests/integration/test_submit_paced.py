"""Submitting faster than an account's rate allows: each submit comes back once its job is sent."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
import respx
from attrs import evolve

import acme
from taskferry import Status
from taskferry.testing import VirtualClock


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six requests a minute, none of them together with another."""
    monkeypatch.setattr(acme.AcmeAdapter, "service", evolve(acme.AcmeAdapter.service, requests_per_minute=6))


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_submit_waits_for_its_turn(tmp_path: Path, respx_mock: respx.MockRouter) -> None:
    """Whoever closes the ferry after it has left nothing behind that was never sent."""
    numbers = iter(range(100))
    create = respx_mock.post(f"{acme.BASE}/jobs")
    create.side_effect = lambda request: httpx.Response(200, json={"id": str(next(numbers))})
    respx_mock.get(url__startswith=f"{acme.BASE}/jobs/").respond(json={"state": "working"})

    async with VirtualClock() as clock, acme.ferry(tmp_path, clock=clock) as ferry:
        tasks = await asyncio.gather(*(ferry.submit("acme/image", prompt=f"fox {number}") for number in range(3)))
        sent = [task.snapshot.status for task in tasks]
        waited = clock.monotonic()

    assert Status.PREPARED not in sent
    assert create.call_count == 3
    assert waited > 20


@respx.mock(using="taskferry", assert_all_called=False)
async def test_patience_ends_the_waiting_and_not_the_job(tmp_path: Path, respx_mock: respx.MockRouter) -> None:
    """The task comes back as it is, and is sent when its turn has come."""
    numbers = iter(range(100))
    create = respx_mock.post(f"{acme.BASE}/jobs")
    create.side_effect = lambda request: httpx.Response(200, json={"id": str(next(numbers))})
    respx_mock.get(url__startswith=f"{acme.BASE}/jobs/").respond(json={"state": "done", "images": []})

    async with VirtualClock() as clock, acme.ferry(tmp_path, clock=clock, keep=False) as ferry:
        await ferry.submit("acme/image", prompt="a fox")
        task = await ferry.submit("acme/image", prompt="a hen", patience=1.0)
        early = task.snapshot.status
        await task.wait(600)

    assert early is Status.PREPARED
    assert create.call_count == 2
