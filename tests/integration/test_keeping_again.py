"""A file whose URL has to be asked for anew is kept, although that look too meets a bad moment."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
import respx

import acme
from taskferry import Finished
from taskferry.testing import VirtualClock

LOOK = f"{acme.BASE}/jobs/1"
FILE = f"{acme.BASE}/files/1.png"
DONE = httpx.Response(200, json={"id": "1", "state": "done", "images": [FILE]})
BAD_MOMENTS = [httpx.Response(502), httpx.Response(429), httpx.ReadError("reset")]


@pytest.mark.parametrize("bad_moment", BAD_MOMENTS, ids=["gateway", "no room", "lost"])
@respx.mock(using="taskferry")
async def test_a_look_for_a_fresh_url_that_fails_is_made_again(
    tmp_path: Path, respx_mock: respx.MockRouter, bad_moment: httpx.Response | httpx.ReadError
) -> None:
    """The first URL is no longer served, the provider is not well for a moment, and then it gives another one."""
    respx_mock.post(f"{acme.BASE}/jobs").respond(json={"id": "1"})
    respx_mock.get(LOOK).side_effect = [DONE, bad_moment, DONE]
    gone, served = httpx.Response(403), httpx.Response(200, content=acme.PNG)
    respx_mock.get(FILE).side_effect = [gone, gone, served]

    async with VirtualClock() as clock, acme.ferry(tmp_path, clock=clock) as ferry:
        outcome = await (await ferry.submit("acme/image", prompt="a fox")).wait(600)

    assert isinstance(outcome, Finished)
    assert outcome.snapshot.kept
    assert outcome.snapshot.parked is None
