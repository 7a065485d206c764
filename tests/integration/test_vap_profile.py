"""`--profile vap` as an agent meets it that was set up for VAP's own server: names, arguments, lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mcp_desk import ERAS, SPEED, text_of
from profile_desk import ProfileDesk, lines_of, offered
from taskferry.sandbox import Running, running
from taskferry_vap.mcp import reading

URL, FILM = "https://example.com/fox.png", "https://example.com/waves.mp4"

QUALITY = ("standard", ["standard", "high"])
FORMAT = ("mp3", ["mp3", "wav"])
SECONDS = (8, [4, 6, 8])
LINES = ("720p", ["720p", "1080p"])
NEEDED = (None, None)

ARGUMENTS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "generate_image": (
        ["prompt"],
        {"prompt": NEEDED, "aspect_ratio": ("1:1", ["1:1", "16:9", "9:16", "4:3", "3:4"]), "quality": QUALITY},
    ),
    "generate_video": (
        ["prompt"],
        {
            "prompt": NEEDED,
            "duration": SECONDS,
            "aspect_ratio": ("16:9", ["16:9", "9:16"]),
            "generate_audio": (True, None),
            "resolution": LINES,
            "negative_prompt": NEEDED,
        },
    ),
    "generate_music": (
        ["prompt"],
        {
            "prompt": NEEDED,
            "instrumental": (False, None),
            "duration": (120, None, 30, 480),
            "loudness_preset": ("streaming", ["streaming", "apple", "broadcast"]),
            "audio_format": FORMAT,
        },
    ),
    "get_task": (["task_id"], {"task_id": NEEDED}),
    "list_tasks": (
        [],
        {"status": (None, ["pending", "processing", "completed", "failed"]), "limit": (10, None, 1, 50)},
    ),
    "check_balance": ([], {}),
    "estimate_cost": ([], {"quality": QUALITY, "num_outputs": (1, None, 1, 4)}),
    "estimate_video_cost": ([], {"duration": SECONDS, "generate_audio": (True, None), "resolution": LINES}),
    "estimate_music_cost": ([], {"duration": (120, None, 30, 480), "audio_format": FORMAT}),
    "upscale": (["media_url"], {"media_url": NEEDED, "scale": (None, [2, 4])}),
    "background_remove": (["media_url"], {"media_url": NEEDED}),
    "inpaint": (["media_url", "prompt"], {"media_url": NEEDED, "prompt": NEEDED, "mask_url": NEEDED}),
    "ai_edit": (["media_url", "prompt"], {"media_url": NEEDED, "prompt": NEEDED, "additional_images": NEEDED}),
    "video_trim": (
        ["media_url", "start_time", "end_time"],
        {"media_url": NEEDED, "start_time": NEEDED, "end_time": NEEDED},
    ),
    "video_merge": (["media_urls"], {"media_urls": NEEDED}),
    "get_operation": (["operation_id"], {"operation_id": NEEDED}),
}
"""Required arguments; then each argument's default, choices and limits: the vendor's `tools.json`, and the listing of
the live server for the last seven."""

CREATING = [
    ("generate_image", {"aspect_ratio": "16:9"}, ["Aspect Ratio: 16:9", "Quality: standard"], "🖼️ Image URL"),
    (
        "generate_video",
        {"duration": 4, "generate_audio": False},
        ["Duration: 4 seconds", "Aspect Ratio: 16:9", "Resolution: 720p", "Audio: No"],
        "🎬 Video URL",
    ),
    ("generate_music", {"duration": 30}, ["Duration: 30 seconds", "Instrumental: No"], "🎵 Audio URL"),
]
EDITING = [
    ("upscale", {"media_url": URL, "scale": 4}, "🖼️ Image URL"),
    ("background_remove", {"media_url": URL}, "🖼️ Image URL"),
    ("inpaint", {"media_url": URL, "prompt": "a red scarf"}, "🖼️ Image URL"),
    ("ai_edit", {"media_url": URL, "prompt": "autumn", "additional_images": [URL]}, "🖼️ Image URL"),
    ("video_trim", {"media_url": FILM, "start_time": 0, "end_time": 1}, "🎬 Video URL"),
    ("video_merge", {"media_urls": [FILM, FILM]}, "🎬 Video URL"),
]


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is a hundred times faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def desk(tmp_path: Path, provider: Running) -> ProfileDesk:
    """A place of work for one agent."""
    return ProfileDesk(tmp_path, provider)


@pytest.mark.parametrize("era", ERAS)
async def test_it_offers_the_vendors_tools_and_arguments(desk: ProfileDesk, era: str) -> None:
    """Nine of the repository and those of the live server, with their defaults, choices and limits."""
    async with desk.agent("vap", era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}

    assert set(tools) == set(ARGUMENTS)
    for name, (required, properties) in ARGUMENTS.items():
        schema = tools[name].input_schema
        assert (schema.get("required", []), name) == (required, name)
        assert {key: rule for key, rule in offered(schema["properties"]).items() if "time" not in key} == {
            key: rule for key, rule in properties.items() if "time" not in key
        }


async def test_every_tool_says_what_it_does_and_costs(desk: ProfileDesk) -> None:
    """In descriptions, hints, and a description and example of every argument."""
    async with desk.agent("vap") as client:
        tools = (await client.list_tools()).tools

    for tool in tools:
        pays = "costs money" in (tool.description or "")
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is not pays, tool.name
        assert len(tool.description or "") > 150
        assert all(rule["description"] and rule["examples"] for rule in tool.input_schema["properties"].values())


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(("tool", "arguments", "told", "line"), CREATING)
async def test_what_it_generates_is_told_in_the_vendors_lines(
    desk: ProfileDesk, era: str, tool: str, arguments: dict[str, Any], told: list[str], line: str
) -> None:
    """At once with the id and the cost; by get_task with the link, and the file that was kept."""
    async with desk.agent("vap", era) as client:
        created = await client.call_tool(tool, {"prompt": "a fox", **arguments})
        task_id = lines_of(created)["Task ID"]
        shown = await client.call_tool("get_task", {"task_id": task_id})

    kind = tool.removeprefix("generate_")
    heading, blank, *lines = text_of(created).splitlines()
    assert (created.is_error, shown.is_error, blank) == (False, False, "")
    assert heading.startswith(f"{kind.capitalize()} generation task created")
    assert lines[1:-3] == told
    assert lines[-1] == (
        f"Use get_task with this task_id to check status and get the {line[2:].split()[-2].lower()} URL when complete."
    )
    assert text_of(shown).splitlines()[:3] == [f"Task: {task_id}", f"Type: {kind}", "Status: completed"]
    assert Decimal(lines_of(shown)["Actual Cost"][1:]) == Decimal(lines_of(shown)["Estimated Cost"][1:]) > 0
    assert lines_of(shown)[line].startswith(desk.provider.base_url)
    assert Path(lines_of(shown)["File"]).stat().st_size > 0
    assert desk.creates() == 1


@pytest.mark.parametrize(("tool", "arguments", "line"), EDITING)
async def test_an_edit_is_shown_by_get_operation(
    desk: ProfileDesk, tool: str, arguments: dict[str, Any], line: str
) -> None:
    """Under an operation's id, with the link to what came out."""
    async with desk.agent("vap") as client:
        created = await client.call_tool(tool, arguments)
        operation_id = lines_of(created)["Operation ID"]
        shown = await client.call_tool("get_operation", {"operation_id": operation_id})

    assert created.structured_content["operation_id"] == operation_id
    assert text_of(shown).splitlines()[:3] == [f"Operation: {operation_id}", f"Type: {tool}", "Status: completed"]
    assert lines_of(shown)[line].startswith(desk.provider.base_url)
    assert shown.structured_content["operation"] == tool


@pytest.mark.parametrize(("lengths", "word"), [("[[queue:9999]]", "pending"), ("[[queue:0]] [[stuck]]", "executing")])
async def test_a_job_under_way_is_told_so_and_goes_on(
    desk: ProfileDesk, monkeypatch: pytest.MonkeyPatch, lengths: str, word: str
) -> None:
    """The wait ends long before clients give up, in the vendor's words; that is no error."""
    monkeypatch.setattr(reading, "WAIT", 0.3)

    async with desk.agent("vap") as client:
        task_id = lines_of(await client.call_tool("generate_video", {"prompt": f"waves {lengths}"}))["Task ID"]
        shown = await client.call_tool("get_task", {"task_id": task_id})

    assert text_of(shown).endswith(f"\n\n⏳ Task is still {word}. Check again shortly.")
    assert not shown.is_error
    assert reading.WAIT < 45


async def test_every_track_of_a_piece_is_told(desk: ProfileDesk) -> None:
    """Also the second one, which the vendor's server forgets, and the cover as a picture."""
    async with desk.agent("vap") as client:
        created = await client.call_tool("generate_music", {"prompt": "a waltz [[items:2]] [[cover]]"})
        shown = await client.call_tool("get_task", {"task_id": lines_of(created)["Task ID"]})

    assert {"🎵 Audio URL", "🎵 Audio URL 2", "🖼️ Image URL"} <= set(lines_of(shown))
    assert len(shown.structured_content["files"]) == len(shown.structured_content["result"]["items"]) == 3


async def test_a_list_is_the_ledgers(desk: ProfileDesk) -> None:
    """With the fields of VAP's documents, filtered by its words."""
    async with desk.agent("vap") as client:
        for prompt in ("a fox", "a hare [[stuck]]", "an owl [[fail]]"):
            created = await client.call_tool("generate_image", {"prompt": prompt})
            if "stuck" not in prompt:
                await client.call_tool("get_task", {"task_id": lines_of(created)["Task ID"]})
        whole = (await client.call_tool("list_tasks", {})).structured_content
        newest = (await client.call_tool("list_tasks", {"limit": 1})).structured_content
        by_status = {
            status: (await client.call_tool("list_tasks", {"status": status})).structured_content["tasks"]
            for status in ("completed", "failed")
        }

    assert [task["status"] for task in whole["tasks"]][::2] == ["failed", "completed"]
    assert (whole["total"], whole["limit"], whole["offset"]) == (3, 10, 0)
    assert newest["tasks"] == whole["tasks"][:1]
    assert {status: len(tasks) for status, tasks in by_status.items()} == {"completed": 1, "failed": 1}
    assert by_status["completed"][0]["result"]["image_url"]


async def test_the_balance_is_the_accounts(desk: ProfileDesk) -> None:
    """Usable, reserved for what is under way, and both together."""
    async with desk.agent("vap") as client:
        before = (await client.call_tool("check_balance", {})).structured_content
        await client.call_tool("generate_video", {"prompt": "waves [[stuck]]"})
        after = (await client.call_tool("check_balance", {})).structured_content

    assert set(after) == {"balance", "reserved", "usable", "currency"}
    assert Decimal(after["balance"]) == Decimal(before["balance"])
    assert Decimal(before["usable"]) - Decimal(after["usable"]) == Decimal(after["reserved"]) == Decimal("1.96")


@pytest.mark.parametrize(
    ("tool", "arguments", "amount"),
    [
        ("estimate_cost", {}, "0.18"),
        ("estimate_cost", {"quality": "high", "num_outputs": 2}, "0.54"),
        ("estimate_video_cost", {"duration": 4, "generate_audio": False}, "1.96"),
        ("estimate_music_cost", {"audio_format": "wav"}, "0.68"),
    ],
)
async def test_an_estimate_is_what_a_job_is_billed(
    desk: ProfileDesk, tool: str, arguments: dict[str, Any], amount: str
) -> None:
    """By the arguments given, and nothing is sent for it."""
    async with desk.agent("vap") as client:
        result = await client.call_tool(tool, arguments)

    assert Decimal(result.structured_content["estimated_cost"]) == Decimal(amount)
    assert f"Generation Cost: ${result.structured_content['estimated_cost']} USD" in text_of(result)
    assert desk.sandbox("requests") == []
