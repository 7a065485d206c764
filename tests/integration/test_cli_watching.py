"""`watch` of everything open: tasks of other processes that join it, and when it ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
import respx

import acme
from taskferry import FerryTask, Status
from taskferry.cli.watching import Watching
from taskferry.testing import VirtualClock


class Provider:
    """Makes each job until it is told to be done."""

    def __init__(self, mock: respx.MockRouter) -> None:
        self.done: set[str] = set()
        self._made = 0
        mock.post(f"{acme.BASE}/jobs").mock(side_effect=self._create)
        mock.get(url__startswith=f"{acme.BASE}/jobs/").mock(side_effect=self._look)

    def _create(self, request: httpx.Request) -> httpx.Response:
        self._made += 1
        return httpx.Response(200, json={"id": str(self._made)})

    def _look(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"state": "error" if request.url.path[-1] in self.done else "working"})


@pytest.mark.parametrize("endless", [False, True])
@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_task_that_another_process_submits_meanwhile_is_watched_to_its_end(
    tmp_path: Path, respx_mock: respx.MockRouter, endless: bool
) -> None:
    """Without a terminal that is the end of it; else it goes on until it is stopped, or its time is over."""
    provider = Provider(respx_mock)
    shown: dict[str, asyncio.Event] = {"1": asyncio.Event(), "2": asyncio.Event()}

    async def wait(task: FerryTask, seconds: float | None) -> None:
        await task.wait(1)
        shown[task.record.remote["id"]].set()  # type: ignore[index,call-overload]  # Acme's remote is a mapping
        await task.wait(seconds)

    async with (
        VirtualClock() as clock,
        acme.ferry(tmp_path, clock=clock) as ferry,
        acme.ferry(tmp_path, clock=clock) as other,
    ):
        begun = clock.monotonic()
        tasks = [await ferry.submit("acme/image", prompt="first")]
        watching = Watching(ferry, tasks, wait, timeout=60 if endless else None)
        running = asyncio.create_task(watching.run(endless=endless))
        await shown["1"].wait()
        later = await other.submit("acme/image", prompt="second")
        await shown["2"].wait()
        provider.done |= {"1", "2"}
        await running
        took = clock.monotonic() - begun

    assert [task.snapshot.status for task in tasks] == [Status.FAILED, Status.FAILED]
    assert [task.snapshot.id for task in tasks][1] == later.id
    assert (took >= 60) is endless
