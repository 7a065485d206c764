"""The creating tools of `--profile tripo` for clients of the tasks extension: a call becomes a task of the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mcp_desk import SPEED
from mcp_tasks_client import Tasks
from profile_desk import ProfileDesk, said
from taskferry.sandbox import Running, running


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is a hundred times faster than the real one."""
    with running({"tripo": "taskferry_tripo.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["tripo"]


@pytest.mark.parametrize(
    ("words", "status", "is_error"), [("a fox", "SUCCESS", False), ("a fox [[moderated]]", "BANNED", True)]
)
async def test_its_end_is_what_get_task_status_says(
    tmp_path: Path, provider: Running, words: str, status: str, is_error: bool
) -> None:
    """The client waits by itself; a job that failed is a result that is an error."""
    desk = ProfileDesk(tmp_path, provider)

    async with desk.agent("tripo", extensions=[Tasks()]) as client:
        result = await client.call_tool("create_3d_model_from_text", {"describe_the_look_of_object": words})
        shown = said(await client.call_tool("get_task_status", {"task_id": said(result)["task_id"]}))

    assert (result.is_error, said(result)["status"]) == (is_error, status)
    assert said(result)["next_step"] == shown["next_step"]
    assert desk.creates() == 1
