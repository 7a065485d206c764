"""Many agents at once: every job is made once, and every one of them gets its file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcp_desk import Desk
from mcp_process import Process, served
from mcp_tasks_client import Tasks
from taskferry.sandbox import Running, running

CLIENTS, JOBS = 20, 10


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider without limits, a hundred times faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=100, limits=False) as servers:
        yield servers["vap"]


async def finished(server: Process, number: int) -> set[str]:
    """Be one agent with jobs of its own, each as a task; give the ids of those that succeeded."""
    async with server.client(extensions=[Tasks()]) as client:
        results = await asyncio.gather(
            *(
                client.call_tool(
                    "generate",
                    {"operation": "vap/image", "parameters": {"prompt": f"a fox {number} {job} [[queue:1]] [[run:1]]"}},
                )
                for job in range(JOBS)
            )
        )
    return {one.structured_content["id"] for one in results if one.structured_content["status"] == "succeeded"}


@pytest.mark.slow  # two hundred jobs through one process take the better part of a minute
async def test_two_hundred_tasks_of_twenty_clients_all_end(tmp_path: Path, provider: Running) -> None:
    """Through one server process, at the same time."""
    desk = Desk(tmp_path, provider)
    desk.environ["TASKFERRY_HOME"] = str(desk.home)

    with served(desk) as server:
        found = await asyncio.gather(*(finished(server, number) for number in range(CLIENTS)))

    ids = set[str]().union(*found)
    assert len(ids) == CLIENTS * JOBS
    assert desk.creates() == CLIENTS * JOBS
