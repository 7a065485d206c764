"""Reconciling in a bad moment of the provider: what costs nothing is asked again before anybody is told."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
import respx

import acme
from taskferry import FailureKind, ProviderError
from taskferry.testing import VirtualClock

LISTED, LOOK = f"{acme.BASE}/jobs", f"{acme.BASE}/jobs/1"
BAD_MOMENTS = [httpx.Response(502), httpx.Response(429), httpx.ReadError("reset")]


@pytest.mark.parametrize("bad_moment", BAD_MOMENTS, ids=["gateway", "no room", "lost"])
@respx.mock(using="taskferry", assert_all_called=False)
async def test_the_list_and_the_look_are_asked_again(
    tmp_path: Path, respx_mock: respx.MockRouter, bad_moment: httpx.Response | httpx.ReadError
) -> None:
    """The job is adopted although each of them fails once."""
    async with VirtualClock() as clock, acme.ferry(tmp_path, clock=clock, keep=False) as ferry:
        listed = httpx.Response(200, json={"jobs": [{"id": "1", "prompt": "a fox", "at": clock.now()}]})
        respx_mock.post(LISTED).side_effect = httpx.ReadError("gone")
        respx_mock.get(LISTED).side_effect = [bad_moment, listed]
        respx_mock.get(LOOK).side_effect = [bad_moment, *[httpx.Response(200, json={"state": "working"})] * 99]
        task = await ferry.submit("acme/image", prompt="a fox")

        found = await ferry.reconcile(task.id)

    assert found.outcome == "adopted"


@respx.mock(using="taskferry")
async def test_a_provider_that_stays_unwell_is_told(tmp_path: Path, respx_mock: respx.MockRouter) -> None:
    """After three tries; the task stays as it is, to be reconciled another time."""
    respx_mock.post(LISTED).side_effect = httpx.ReadError("gone")
    asked = respx_mock.get(LISTED).respond(502)

    async with VirtualClock() as clock, acme.ferry(tmp_path, clock=clock) as ferry:
        task = await ferry.submit("acme/image", prompt="a fox")
        with pytest.raises(ProviderError) as raised:
            await ferry.reconcile(task.id)

    assert raised.value.failure.kind is FailureKind.UNAVAILABLE
    assert asked.call_count == 3
