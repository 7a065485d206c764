"""The MCP sub-paths of VAP's stand-in: plain JSON, as the vendor's clients post it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from integration.acme_stand_in import Clock
from integration.vap_client import Vap, connected, hosted
from taskferry.sandbox import Running


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, Clock]]:
    """One server for the module; each test begins with a reset."""
    with hosted() as vap_and_clock:
        yield vap_and_clock


@pytest.fixture
def vap(server: tuple[Running, Clock]) -> Iterator[Vap]:
    """A client with the stand-in's own key, at a stand-in that has forgotten everything."""
    with connected(server) as vap:
        yield vap


def call(vap: Vap, name: str, **arguments: Any) -> tuple[bool, Any]:
    """Call a tool; tell whether it went well, and what it said."""
    result = vap.client.post("/mcp/tools/call", json={"name": name, "arguments": arguments}).json()
    return not result.get("isError", False), json.loads(result["content"][0]["text"])


def test_it_answers_an_initialize(vap: Vap) -> None:
    """With the version that was asked for."""
    body = {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}

    reply = vap.client.post("/mcp/initialize", json=body).json()

    assert reply["protocolVersion"] == "2024-11-05"
    assert reply["capabilities"] == {"tools": {}}


def test_it_lists_every_tool_that_the_papers_name(vap: Vap) -> None:
    """The nine of the repository, the edits and their reads, each with what it needs."""
    tools = {tool["name"]: tool for tool in vap.client.post("/mcp/tools/list", json={}).json()["tools"]}

    edits = {"upscale", "background_remove", "inpaint", "ai_edit", "video_trim", "video_merge", "get_operation"}
    estimates = {"estimate_cost", "estimate_video_cost", "estimate_music_cost"}
    makers = {"generate_image", "generate_video", "generate_music"}
    assert set(tools) == edits | estimates | makers | {"get_task", "list_tasks", "check_balance"}
    assert tools["generate_video"]["inputSchema"]["required"] == ["prompt"]
    assert tools["list_tasks"]["inputSchema"]["required"] == []
    assert tools["inpaint"]["inputSchema"]["required"] == ["media_url", "prompt"]


@pytest.mark.parametrize("kind", ["image", "video", "music"])
def test_a_tool_makes_the_same_task_as_the_endpoint(vap: Vap, kind: str) -> None:
    """It is read by both, and the request counts as a create."""
    went_well, said = call(vap, f"generate_{kind}", prompt="a fox")

    assert went_well
    assert (said["status"], vap.read(said["task_id"])["type"]) == ("pending", kind)
    assert vap.client.get("/_sandbox/requests").json()["requests"][0]["kind"] == "create"


def test_tools_read_tasks_edits_and_the_list(vap: Vap) -> None:
    """Each says what its endpoint says."""
    task_id = vap.created("a fox")
    operation_id = call(vap, "upscale", media_url="https://example.com/fox.png", scale=4)[1]["operation_id"]

    said = [
        call(vap, "get_task", task_id=task_id)[1],
        call(vap, "get_operation", operation_id=operation_id)[1],
        call(vap, "list_tasks", limit=1)[1],
        call(vap, "check_balance")[1],
    ]

    paths = [f"/v3/tasks/{task_id}", f"/v3/operations/{operation_id}", "/v3/tasks?limit=1", "/v3/balance"]
    assert said == [vap.client.get(path).json() for path in paths]


@pytest.mark.parametrize(
    ("name", "arguments", "estimate"),
    [
        ("estimate_cost", {}, "0.1800"),
        ("estimate_cost", {"quality": "high", "num_outputs": 2}, "0.5400"),
        ("estimate_video_cost", {"duration": 4}, "1.9600"),
        ("estimate_music_cost", {"duration": 480, "audio_format": "wav"}, "0.6800"),
    ],
)
def test_estimates_are_what_a_create_reserves(vap: Vap, name: str, arguments: dict[str, Any], estimate: str) -> None:
    """By the price list, whatever the length."""
    assert call(vap, name, **arguments) == (True, {"estimated_cost": estimate, "currency": "USD"})


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("generate_image", {"prompt": ""}, "invalid_description"),
        ("generate_video", {"prompt": "a fox", "duration": 5}, "invalid_parameters"),
        ("generate_image", {"prompt": "a fox [[refuse:402]]"}, "insufficient_balance"),
        ("get_task", {}, "task_not_found"),
        ("list_tasks", {"limit": 51}, "invalid_parameters"),
        ("estimate_music_cost", {"duration": 3}, "invalid_parameters"),
    ],
)
def test_an_error_is_the_tools_result(vap: Vap, name: str, arguments: dict[str, Any], code: str) -> None:
    """HTTP is well; the result says that it is an error, in the service's words."""
    went_well, said = call(vap, name, **arguments)

    assert not went_well
    assert said["error"]["code"] == code


def test_an_unknown_tool_is_an_error(vap: Vap) -> None:
    """It is named."""
    result = vap.client.post("/mcp/tools/call", json={"name": "melt"}).json()

    assert result == {"content": [{"type": "text", "text": "Unknown tool: melt"}], "isError": True}


def test_a_lost_reply_is_lost_here_too(vap: Vap) -> None:
    """The task is there all the same."""
    with pytest.raises(httpx.RemoteProtocolError):
        call(vap, "generate_image", prompt="a fox [[lost-reply]]")

    assert vap.client.get("/v3/tasks").json()["total"] == 1
