"""What the MCP server answers when a call goes wrong: what happened, what was billed, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mcp_desk import SPEED, Desk, made, submit, text_of
from taskferry.sandbox import Running, running


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is a hundred times faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def desk(tmp_path: Path, provider: Running) -> Desk:
    """A place of work for one agent."""
    return Desk(tmp_path, provider)


@pytest.mark.parametrize("tool", ["describe_operation", "submit_task"])
async def test_an_unknown_operation_gets_the_nearest_names(desk: Desk, tool: str) -> None:
    """A misspelled name is answered with the right one."""
    arguments: dict[str, Any] = {"operation": "vap/imgae"}
    if tool == "submit_task":
        arguments["parameters"] = {"prompt": "a fox"}

    async with desk.client() as client:
        result = await client.call_tool(tool, arguments)

    assert result.is_error
    assert "Did you mean vap/image" in text_of(result)
    assert desk.creates() == 0


async def test_wrong_parameters_are_told_all_at_once_and_nothing_is_sent(desk: Desk) -> None:
    """One round trip is enough to put everything right."""
    wrong = {"prompt": "a fox", "aspect_ratio": "7:5", "qualty": "high"}

    async with desk.client() as client:
        result = await client.call_tool("submit_task", {"operation": "vap/image", "parameters": wrong})

    assert result.is_error
    assert "aspect_ratio" in text_of(result)
    assert "Did you mean quality?" in text_of(result)
    assert "nothing was billed" in text_of(result)
    assert desk.sandbox("requests") == []


async def test_a_misspelled_cap_is_not_a_job_without_a_cap(desk: Desk) -> None:
    """Unknown arguments of a tool are refused."""
    async with desk.client() as client:
        result = await submit(client, "a fox", max_cots="0.01 USD")

    assert result.is_error
    assert "did you mean max_cost?" in text_of(result)
    assert desk.creates() == 0


async def test_a_price_above_the_cap_is_not_sent(desk: Desk) -> None:
    """The cap holds before anything leaves."""
    async with desk.client() as client:
        result = await submit(client, "a fox", max_cost="0.01 USD")

    assert result.is_error
    assert "0.18 USD" in text_of(result)
    assert "nothing was billed" in text_of(result)
    assert desk.creates() == 0


async def test_a_missing_key_names_its_variable(desk: Desk) -> None:
    """And no key is ever shown."""
    desk.environ.pop("VAP_API_KEY")

    async with desk.client() as client:
        result = await submit(client, "a fox")

    assert result.is_error
    assert "VAP_API_KEY" in text_of(result)
    assert desk.creates() == 0


async def test_a_refusal_is_an_error_that_cost_nothing(desk: Desk) -> None:
    """What the provider said, what was billed, what to do."""
    async with desk.client() as client:
        result = await submit(client, "a fox [[refuse:insufficient_balance]]")

    assert result.is_error
    assert result.structured_content["status"] == "refused"
    assert result.structured_content["failure"]["kind"] == "funds"
    assert "Nothing was billed." in text_of(result)
    assert "add funds" in text_of(result)


async def test_a_lost_reply_is_never_answered_with_trying_again(desk: Desk) -> None:
    """A paid job may exist: the agent is told so, and a second submit sends nothing."""
    async with desk.client() as client:
        first = await submit(client, "a fox [[lost-reply]]")
        second = await submit(client, "a fox [[lost-reply]]")

    assert first.is_error
    assert first.structured_content["status"] == "unconfirmed"
    assert first.structured_content["poll_after_ms"] is None
    assert "Do not submit it again" in text_of(first)
    assert "may have been billed" in text_of(first)
    assert second.structured_content["id"] == first.structured_content["id"]
    assert second.structured_content["duplicate"] is True
    assert desk.creates() == 1


async def test_moderated_work_is_told_as_an_end(desk: Desk) -> None:
    """No hint of sending the same thing again."""
    async with desk.client() as client:
        result = await made(client, "a fox [[moderated]]")

    assert result.is_error
    assert result.structured_content["failure"]["kind"] == "moderated"
    assert result.structured_content["failure"]["retryable"] is False
    assert "Do not send it again unchanged" in text_of(result)


async def test_an_unknown_task_is_told_as_such(desk: Desk) -> None:
    """With the tool that finds the right one."""
    async with desk.client() as client:
        result = await client.call_tool("wait_task", {"task_id": "01jd3nothere"})

    assert result.is_error
    assert "01jd3nothere" in text_of(result)
    assert "list_tasks" in text_of(result)


@pytest.mark.parametrize("folder", ["/etc", "../elsewhere", "link"])
async def test_nothing_is_written_elsewhere(desk: Desk, tmp_path: Path, folder: str) -> None:
    """Neither by a path nor by a link."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (desk.working / "link").symlink_to(outside)

    async with desk.client() as client:
        task_id = (await made(client)).structured_content["id"]
        result = await client.call_tool("download_task", {"task_id": task_id, "folder": folder})

    assert result.is_error
    assert "below" in text_of(result)
    assert list(outside.iterdir()) == []
    assert not (tmp_path / "elsewhere").exists()


async def test_a_task_under_way_is_not_downloaded(desk: Desk) -> None:
    """The call does not wait for hours."""
    async with desk.client() as client:
        task_id = (await submit(client, "a fox [[stuck]]")).structured_content["id"]
        result = await client.call_tool("download_task", {"task_id": task_id})

    assert result.is_error
    assert "no files to download" in text_of(result)
    assert "wait_task" in text_of(result)


async def test_a_file_from_elsewhere_is_not_sent(desk: Desk) -> None:
    """An agent that was talked into it cannot upload the user's files."""
    arguments = {"operation": "tripo/image-to-model", "parameters": {"image": "/etc/hostname"}}

    async with desk.client() as client:
        result = await client.call_tool("submit_task", arguments)

    assert result.is_error
    assert f"below {desk.working}" in text_of(result)
    assert "nothing was billed" in text_of(result)
