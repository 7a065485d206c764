"""A plugin's profile as the server offers it: its tools and words, our guards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
import respx
from mcp import Client
from pydantic import Field

import taskferry.testing  # noqa: F401 -- registers the mocker that sees every call
from acme import BASE, PIXEL, ferry
from mcp_desk import text_of
from mcp_tasks_client import Tasks
from taskferry import (
    FerryTask,
    PluginError,
    Profile,
    ProfileAnswer,
    ProfileContext,
    ProfileTool,
    Submission,
    UnknownName,
    UsageError,
)
from taskferry.mcp.server import build_server


async def create_picture(
    context: ProfileContext, prompt: Annotated[str, Field(min_length=1, description="What to show.")]
) -> Submission:
    """Make a picture. This costs money."""
    return Submission(operation="acme/image", parameters={"prompt": prompt})


async def create_badly(context: ProfileContext) -> Submission:
    """Give what is no submission."""
    return "job"  # type: ignore[return-value]  # what a careless plugin does


async def status(context: ProfileContext, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say how a task stands."""
    task = await context.task(arguments["task_id"])
    return {**await show(context, task), "detail": arguments["detail"], "billing": context.billing(task)}


async def refuse(context: ProfileContext) -> str:
    """Refuse."""
    raise UsageError("Not like this.")


async def crash(context: ProfileContext) -> str:
    """Fail unexpectedly."""
    raise RuntimeError("sesame")


async def recent(context: ProfileContext) -> ProfileAnswer:
    """List the tasks."""
    return ProfileAnswer(text=", ".join(row.id for row in await context.recent(5, provider="acme")))


async def show(context: ProfileContext, task: FerryTask) -> Mapping[str, Any]:
    """Give what this provider's own server would."""
    return {"task_id": task.id, "status": str(task.snapshot.status)}


STATUS = {
    "type": "object",
    "required": ["task_id"],
    "properties": {
        "task_id": {"type": "string", "description": "Which."},
        "detail": {"type": "integer", "minimum": 0, "default": 1, "description": "How much."},
    },
}
PROFILE = Profile(
    name="acme",
    instructions="Makes pictures.",
    tools=[
        ProfileTool(name="create_picture", handler=create_picture, creates=True, wait=45),
        ProfileTool(name="create_badly", handler=create_badly, creates=True),
        ProfileTool(name="get_status", handler=status, parameters=STATUS, read_only=True),
        ProfileTool(name="refuse", handler=refuse),
        ProfileTool(name="crash", handler=crash),
        ProfileTool(name="recent", handler=recent, read_only=True),
    ],
    show=show,
)


@pytest.fixture
def provider() -> Sequence[respx.Route]:
    """Acme, whose jobs are done at once."""
    with respx.mock(using="taskferry", assert_all_called=False) as mock:
        create = mock.post(f"{BASE}/jobs").mock(return_value=httpx.Response(200, json={"id": "j1"}))
        done = {"state": "done", "images": [PIXEL.url]}
        look = mock.get(f"{BASE}/jobs/j1").mock(return_value=httpx.Response(200, json=done))
        yield [create, look]


@asynccontextmanager
async def connected(home: Path, profile: str | Profile = PROFILE, **settings: Any) -> AsyncIterator[Client]:
    """Connect to a server with a profile."""
    server = build_server(ferry(home, caller="mcp", speed=1000), working=home, profile=profile)
    async with Client(server, **settings) as client:
        yield client


async def test_its_tools_are_offered_and_no_others(tmp_path: Path) -> None:
    """With its instructions, its schemas and its hints."""
    async with connected(tmp_path) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        instructions = client.instructions

    assert set(tools) == {tool.name for tool in PROFILE.tools}
    assert instructions == "Makes pictures."
    assert tools["create_picture"].input_schema["required"] == ["prompt"]
    assert tools["get_status"].input_schema["properties"] == STATUS["properties"]
    assert tools["get_status"].annotations.read_only_hint is True


async def test_a_creating_tool_submits_and_answers_in_its_own_words(
    tmp_path: Path, provider: Sequence[respx.Route]
) -> None:
    """The job is in our ledger, submitted once although it was asked for twice."""
    async with connected(tmp_path) as client:
        first = await client.call_tool("create_picture", {"prompt": "a fox"})
        again = await client.call_tool("create_picture", {"prompt": "a fox"})
        seen = await client.call_tool("get_status", {"task_id": first.structured_content["task_id"]})
        listed = await client.call_tool("recent", {})

    assert first.structured_content == again.structured_content
    assert first.structured_content["status"] == "succeeded"
    assert seen.structured_content["detail"] == 1
    assert seen.structured_content["billing"] == "Estimated cost: 0.18 USD; the provider has not said what it took."
    assert text_of(listed) == first.structured_content["task_id"]
    assert provider[0].call_count == 1


async def test_a_creating_tool_becomes_a_task(tmp_path: Path, provider: Sequence[respx.Route]) -> None:
    """Whose end is what the profile shows."""
    async with connected(tmp_path, extensions=[Tasks()]) as client:
        result = await client.call_tool("create_picture", {"prompt": "a fox"})

    assert result.structured_content["status"] == "succeeded"
    assert provider[0].call_count == 1


@pytest.mark.parametrize("extensions", [[], [Tasks()]])
@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("create_picture", {"promt": "a fox"}, "did you mean prompt?"),
        ("create_picture", {"prompt": ""}, "nothing was billed"),
        ("create_badly", {}, "not a Submission"),
        ("get_status", {"task_id": "01jd3nothere"}, "Check the name or the id"),
        ("get_status", {"task_id": "x", "detail": -1}, "detail"),
        ("get_status", {}, "task_id"),
        ("refuse", {}, "Not like this."),
        ("crash", {}, "taskferry itself failed in crash"),
    ],
)
async def test_what_goes_wrong_is_a_result_that_names_no_tool_of_ours(
    tmp_path: Path, extensions: list[Tasks], tool: str, arguments: dict[str, Any], words: str
) -> None:
    """An agent is told nothing that it cannot do, and no secret of a crash."""
    async with connected(tmp_path, extensions=extensions) as client:
        result = await client.call_tool(tool, arguments)

    assert result.is_error
    assert words in text_of(result)
    assert "sesame" not in text_of(result)
    assert not {"list_tasks", "list_operations", "describe_operation", "get_task"} & set(text_of(result).split())


def test_a_profile_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With those that are."""
    with pytest.raises(UnknownName, match="native"):
        build_server(ferry(tmp_path), working=tmp_path, profile="nothere")


def test_what_is_no_profile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the plugin's defect."""
    broken = ferry(tmp_path)
    record = next(iter(broken.registry.providers.values()))
    object.__setattr__(record, "profile", "acme:BASE")

    with pytest.raises(PluginError, match="not a Profile"):
        build_server(broken, working=tmp_path, profile=record.name)
