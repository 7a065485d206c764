"""Many tasks at a provider that shows many jobs in one reply: few calls, and none of the tasks is forgotten."""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path

import httpx
import respx

import acme
from taskferry import Finished
from taskferry.testing import VirtualClock

BASE = acme.ManyAdapter.service.base_url
TASKS = 150


def answer_creates(mock: respx.MockRouter) -> None:
    numbers = itertools.count()
    mock.post(f"{BASE}/jobs").mock(side_effect=lambda request: httpx.Response(200, json={"id": str(next(numbers))}))


@respx.mock(using="taskferry", assert_all_called=False)
async def test_tasks_that_are_due_together_cost_one_call_a_hundred(tmp_path: Path, respx_mock) -> None:
    """150 tasks all end, with far fewer looks than tasks; no list names more than the limit."""
    answer_creates(respx_mock)
    lengths: list[int] = []

    def word() -> str:
        return "done" if len(lengths) > 12 else "working"

    def listed(request: httpx.Request) -> httpx.Response:
        ids = json.loads(request.content)["ids"]
        lengths.append(len(ids))
        return httpx.Response(200, json={"jobs": dict.fromkeys(ids, word())})

    def one(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"state": word(), "images": [acme.PIXEL.url]})

    respx_mock.post(f"{BASE}/jobs/list").mock(side_effect=listed)
    alone = respx_mock.get(url__startswith=f"{BASE}/jobs/").mock(side_effect=one)

    async with VirtualClock() as clock, acme.ferry(tmp_path, clock=clock) as ferry:
        tasks = await asyncio.gather(*(ferry.submit("many/image", prompt=f"fox {n}") for n in range(TASKS)))
        outcomes = await asyncio.gather(*(task.wait() for task in tasks))

    unfinished = [outcome for outcome in outcomes if not isinstance(outcome, Finished) or not outcome.snapshot.kept]
    assert unfinished == []
    assert max(lengths) <= 100
    assert len(lengths) + alone.call_count < TASKS


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_job_that_the_list_lacks_is_looked_at_alone(tmp_path: Path, respx_mock) -> None:
    """The list may be late; the job's own address tells the truth."""
    answer_creates(respx_mock)
    respx_mock.post(f"{BASE}/jobs/list").respond(json={"jobs": {"0": "done"}})
    respx_mock.get(url__startswith=f"{BASE}/jobs/").respond(json={"state": "done", "images": [acme.PIXEL.url]})

    async with VirtualClock() as clock, acme.ferry(tmp_path, clock=clock) as ferry:
        tasks = [await ferry.submit("many/image", prompt=f"fox {n}") for n in range(3)]
        outcomes = [await task.wait() for task in tasks]

    assert all(isinstance(outcome, Finished) and outcome.snapshot.status.ok for outcome in outcomes)
