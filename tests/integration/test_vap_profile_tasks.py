"""The creating tools of `--profile vap` for clients of the tasks extension: a call becomes a task of the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp_types import CallToolResult

from mcp_desk import SPEED, text_of
from mcp_tasks_client import Begun, Tasks, look
from profile_desk import ProfileDesk, lines_of
from taskferry.sandbox import Running, running


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is a hundred times faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def desk(tmp_path: Path, provider: Running) -> ProfileDesk:
    """A place of work for one agent."""
    return ProfileDesk(tmp_path, provider)


@pytest.mark.parametrize(
    ("tool", "arguments", "line"),
    [
        ("generate_image", {"prompt": "a fox"}, "🖼️ Image URL"),
        ("upscale", {"media_url": "https://example.com/fox.png"}, "🖼️ Image URL"),
    ],
)
async def test_its_end_is_what_get_task_says(
    desk: ProfileDesk, tool: str, arguments: dict[str, str], line: str
) -> None:
    """The client waits by itself; link and kept file are in the result."""
    async with desk.agent("vap", extensions=[Tasks()]) as client:
        result = await client.call_tool(tool, arguments)

    assert not result.is_error
    assert lines_of(result)["Status"] == "completed"
    assert lines_of(result)[line].startswith(desk.provider.base_url)
    assert Path(lines_of(result)["File"]).stat().st_size > 0
    assert desk.creates() == 1


async def test_a_failed_job_is_a_completed_task_whose_result_is_an_error(desk: ProfileDesk) -> None:
    """As the extension asks."""
    async with desk.agent("vap", extensions=[Tasks()]) as client:
        result = await client.call_tool("generate_image", {"prompt": "a fox [[moderated]]"})

    assert result.is_error
    assert "do not send it again unchanged" in text_of(result)


async def test_the_task_has_the_ledgers_id(desk: ProfileDesk) -> None:
    """So that a client without the extension finds it by get_task."""
    async with desk.agent("vap", extensions=[Tasks()]) as client:
        begun = await client.session.call_tool("generate_video", {"prompt": "waves"}, allow_claimed=True)
    assert isinstance(begun, Begun)
    async with desk.agent("vap") as client:
        shown = await client.call_tool("get_task", {"task_id": begun.task_id})
    async with desk.agent("vap", extensions=[Tasks()]) as client:
        detailed = await look(client.session, begun.task_id)

    assert lines_of(shown)["Status"] == "completed"
    assert detailed.status == "completed"


async def test_wrong_arguments_never_become_a_task(desk: ProfileDesk) -> None:
    """They are told in the call itself."""
    async with desk.agent("vap", extensions=[Tasks()]) as client:
        result = await client.session.call_tool("generate_video", {"prompt": "x", "duration": 5}, allow_claimed=True)

    assert isinstance(result, CallToolResult)
    assert result.is_error
    assert desk.sandbox("requests") == []
