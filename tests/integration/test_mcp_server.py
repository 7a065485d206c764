"""The MCP server as an agent meets it: the SDK's own client in memory, a real ferry, a provider's stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from mcp_types import CallToolResult

from mcp_desk import ERAS, SPEED, Desk, LaterClock, content_of, made, submit, text_of
from taskferry.mcp import session, waiting
from taskferry.sandbox import Running, running

FREE_TO_CALL = {
    "list_operations",
    "describe_operation",
    "quote",
    "wait_task",
    "get_task",
    "list_tasks",
    "refresh_urls",
    "get_balance",
    "get_spend",
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is a hundred times faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def desk(tmp_path: Path, provider: Running) -> Desk:
    """A place of work for one agent."""
    return Desk(tmp_path, provider)


@pytest.mark.parametrize("era", ERAS)
async def test_every_tool_says_what_it_does_and_takes(desk: Desk, era: str) -> None:
    """Agents and hosts decide by descriptions, schemas and hints."""
    async with desk.client(era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}

    assert set(tools) == FREE_TO_CALL | {"generate", "submit_task", "cancel_task", "download_task"}
    for name, tool in tools.items():
        assert tool.title
        assert len(tool.description or "") > 150
        assert tool.output_schema is not None
        assert tool.output_schema["type"] == "object"
        assert tool.input_schema["additionalProperties"] is False
        for parameter in tool.input_schema["properties"].values():
            assert parameter["description"]
            assert parameter["examples"]
            assert "type" in parameter or "anyOf" in parameter
        hints = tool.annotations
        assert hints is not None
        assert hints.read_only_hint is (name in FREE_TO_CALL)
        assert hints.destructive_hint is (name == "cancel_task")
        assert None not in (hints.idempotent_hint, hints.open_world_hint)


@pytest.mark.parametrize("era", ERAS)
async def test_a_job_from_submit_to_file(desk: Desk, era: str) -> None:
    """Submit, wait, and the file is there, linked and described; no bytes in the conversation."""
    async with desk.client(era) as client:
        submitted = await submit(client, "a small red fox", max_cost="0.20 USD")
        result = await client.call_tool("wait_task", {"task_id": submitted.structured_content["id"]})

    assert not submitted.is_error
    assert submitted.structured_content["status"] in {"queued", "running", "succeeded"}
    assert submitted.structured_content["duplicate"] is False
    assert not result.is_error
    task = result.structured_content
    assert (task["status"], task["timed_out"], task["poll_after_ms"]) == ("succeeded", False, None)
    assert task["cost"]["unit"] == "USD"
    [artifact] = task["artifacts"]
    content = content_of(artifact)
    assert artifact["sha256"] == sha256(content).hexdigest()
    [link] = [block for block in result.content if block.type == "resource_link"]
    assert unquote(urlsplit(str(link.uri)).path) == artifact["path"]
    assert (link.size, link.mime_type) == (len(content), artifact["media_type"])
    assert artifact["path"] in text_of(result)
    assert len(result.model_dump_json()) < 4000


async def test_operations_are_listed_short_and_one_in_full(desk: Desk) -> None:
    """The long list costs little; the schema comes for the one that is wanted."""
    async with desk.client() as client:
        listed = await client.call_tool("list_operations", {"provider": "vap"})
        one = await client.call_tool("describe_operation", {"operation": "vap/image"})

    names = [operation["name"] for operation in listed.structured_content["operations"]]
    assert {"vap/image", "vap/video", "vap/music"} <= set(names)
    assert not any("parameters" in operation for operation in listed.structured_content["operations"])
    image = one.structured_content
    assert image["required"] == ["prompt"]
    assert image["parameters"]["properties"]["prompt"]["description"]
    assert image["example"]["prompt"]
    assert '"aspect_ratio"' in text_of(one)


async def test_the_same_thing_asked_again_is_the_same_task(desk: Desk) -> None:
    """By key, or by the same words within minutes; another key is another job."""
    async with desk.client() as client:
        first = await submit(client, "a fox", idempotency_key="fox-1")
        again = await submit(client, "a fox", idempotency_key="fox-1")
        other = await submit(client, "a fox", idempotency_key="fox-2")

    assert again.structured_content["id"] == first.structured_content["id"]
    assert again.structured_content["duplicate"] is True
    assert "nothing was sent again" in text_of(again)
    assert other.structured_content["id"] != first.structured_content["id"]
    assert desk.creates() == 2


async def test_a_wait_that_runs_out_is_an_outcome(desk: Desk) -> None:
    """No error, nothing cancelled, and when to ask again."""
    async with desk.client() as client:
        task_id = (await submit(client, "a fox [[stuck]]")).structured_content["id"]
        result = await client.call_tool("wait_task", {"task_id": task_id, "timeout_s": 0.05})

    assert not result.is_error
    assert result.structured_content["timed_out"] is True
    assert result.structured_content["poll_after_ms"] > 0
    assert result.structured_content["cancel_wanted"] is False
    assert "wait_task" in result.structured_content["next"]
    assert desk.sandbox("tasks")[0]["finished_at"] is None


@pytest.mark.parametrize("era", ERAS)
async def test_a_cancelled_wait_leaves_the_job_running(desk: Desk, era: str) -> None:
    """A client that gives a call up gives up the waiting, not the job."""
    async with desk.client(era) as client:
        task_id = (await submit(client, "a fox [[stuck]]")).structured_content["id"]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client.call_tool("wait_task", {"task_id": task_id})
        result = await client.call_tool("get_task", {"task_id": task_id})

    assert result.structured_content["status"] in {"queued", "running"}
    assert result.structured_content["cancel_wanted"] is False
    assert desk.sandbox("tasks")[0]["finished_at"] is None


async def test_a_wait_is_bounded_whatever_is_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients give a call up after a minute, so none lasts that long."""
    monkeypatch.setattr(session, "LONGEST_WAIT", 0.05)

    async with desk.client() as client:
        task_id = (await submit(client, "a fox [[stuck]]")).structured_content["id"]
        result = await client.call_tool("wait_task", {"task_id": task_id, "timeout_s": 86400})

    assert result.structured_content["timed_out"] is True


@pytest.mark.parametrize("era", ERAS)
async def test_progress_only_ever_grows(desk: Desk, era: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that asked for progress get it, in values that the protocol allows."""
    monkeypatch.setattr(waiting, "_SLICE", 0.02)
    told: list[tuple[float, str | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        assert total == 1.0
        told.append((progress, message))

    async with desk.client(era) as client:
        task_id = (await submit(client, "a fox [[run:60]]")).structured_content["id"]
        await client.call_tool("wait_task", {"task_id": task_id}, progress_callback=note)

    values = [value for value, _ in told]
    assert len(values) >= 2
    assert values == sorted(set(values))
    assert all(0 < value <= 1 for value in values)
    assert {message.split(",")[0] for _, message in told if message} <= {"queued", "running", "succeeded"}


async def test_get_task_looks_and_list_tasks_does_not(desk: Desk) -> None:
    """A listing asks no provider; a look does."""
    async with desk.client() as client:
        task_id = (await submit(client, "a fox [[stuck]]")).structured_content["id"]
    before = desk.reads()

    async with desk.client(clock=LaterClock()) as client:
        listed = await client.call_tool("list_tasks", {})
        between = desk.reads()
        got = await client.call_tool("get_task", {"task_id": task_id[:20]})
        after = desk.reads()

    assert [task["id"] for task in listed.structured_content["tasks"]] == [task_id]
    assert got.structured_content["status"] in {"queued", "running"}
    assert between == before
    assert after > between


async def test_list_tasks_filters(desk: Desk) -> None:
    """By status and provider, newest first, as many as wanted."""
    async with desk.client() as client:
        done = (await made(client, "a fox")).structured_content["id"]
        stuck = (await submit(client, "a hare [[stuck]]")).structured_content["id"]
        everything = await client.call_tool("list_tasks", {"provider": "vap"})
        finished = await client.call_tool("list_tasks", {"statuses": ["succeeded"]})
        latest = await client.call_tool("list_tasks", {"limit": 1})
        none = await client.call_tool("list_tasks", {"statuses": ["cancelled"]})

    def ids(result: CallToolResult) -> list[str]:
        return [task["id"] for task in result.structured_content["tasks"]]

    assert ids(everything) == [stuck, done]
    assert ids(finished) == [done]
    assert ids(latest) == [stuck]
    assert ids(none) == []


async def test_cancelling_where_the_provider_cannot_says_so(desk: Desk) -> None:
    """The job goes on and is billed; nobody is told otherwise."""
    async with desk.client() as client:
        task_id = (await submit(client, "a fox [[stuck]]")).structured_content["id"]
        result = await client.call_tool("cancel_task", {"task_id": task_id})

    assert not result.is_error
    assert result.structured_content["outcome"] == "unsupported"
    assert "goes on and is billed" in text_of(result)


async def test_files_are_copied_below_the_working_folder(desk: Desk) -> None:
    """And linked where they are now."""
    async with desk.client() as client:
        task_id = (await made(client)).structured_content["id"]
        result = await client.call_tool("download_task", {"task_id": task_id, "folder": "out/fox"})

    [artifact] = result.structured_content["artifacts"]
    assert artifact["path"].startswith(str(desk.working / "out" / "fox"))
    assert len(content_of(artifact)) == artifact["size"]


async def test_another_server_finishes_what_one_began(desk: Desk) -> None:
    """The ledger, not the process, has the job."""
    async with desk.client() as client:
        task_id = (await submit(client, "a fox")).structured_content["id"]

    async with desk.client() as client:
        result = await client.call_tool("wait_task", {"task_id": task_id})

    assert result.structured_content["status"] == "succeeded"
    assert content_of(result.structured_content["artifacts"][0])
    assert desk.creates() == 1
