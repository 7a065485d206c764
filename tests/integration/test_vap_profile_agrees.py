"""`--profile vap` beside the vendor's own server, vap-mcp 0.2.1, at the same account: what is alike, and what is not.

Where the two differ, the row says why: the facts follow the vendor's newer `tools.json`, or its server is at fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integration.vap_mcp_client import VapMcp, vap_mcp
from mcp_desk import SPEED, text_of
from profile_desk import ProfileDesk, lines_of
from taskferry.sandbox import Running, running
from taskferry_vap.mcp import reading

OTHER_ARGUMENTS = {
    "generate_image": ({"style"}, {"quality"}),
    "generate_music": (set(), {"loudness_preset", "audio_format"}),
    "list_tasks": (set(), {"status"}),
    "estimate_cost": ({"count"}, {"quality", "num_outputs"}),
    "estimate_video_cost": (set(), {"resolution"}),
    "estimate_music_cost": (set(), {"audio_format"}),
}
"""What only the package has, then what only `tools.json` 1.12.4 has."""
OTHER_DEFAULTS = {("generate_music", "duration"): (60, 120), ("estimate_music_cost", "duration"): (60, 120)}


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider that is a hundred times faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture
def desk(tmp_path: Path, provider: Running) -> ProfileDesk:
    """A place of work for one agent."""
    return ProfileDesk(tmp_path, provider)


@pytest.fixture
def theirs(provider: Running) -> Iterator[VapMcp]:
    """The vendor's server, pointed at the stand-in by its own variables."""
    with vap_mcp({name: value for name, value in provider.env.items() if name.startswith("VAP_API_")}) as client:
        yield client


def remote_id(desk: ProfileDesk) -> str:
    """Give the id that the provider itself has for the one job."""
    (task,) = desk.sandbox("tasks")
    return str(task["task_id"])


async def test_names_arguments_and_defaults_are_its_own(desk: ProfileDesk, theirs: VapMcp) -> None:
    """But for the rows above."""
    async with desk.agent("vap") as client:
        ours = {tool.name: tool.input_schema for tool in (await client.list_tools()).tools}

    for name, schema in (await theirs.schemas()).items():
        mine, its = ours[name]["properties"], schema["properties"]
        assert (set(its) - set(mine), set(mine) - set(its)) == OTHER_ARGUMENTS.get(name, (set(), set()))
        assert ours[name].get("required", []) == schema.get("required", [])
        for argument in set(mine) & set(its):
            defaults = (its[argument].get("default"), mine[argument].get("default"))
            assert defaults == OTHER_DEFAULTS.get((name, argument), (defaults[0], defaults[0]))
            assert its[argument]["type"] == mine[argument]["type"]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("generate_video", {"duration": 6, "generate_audio": False, "resolution": "1080p"}),
        ("generate_music", {"duration": 30, "instrumental": True}),
    ],
)
async def test_it_says_of_a_created_task_what_the_vendors_server_says(
    desk: ProfileDesk, theirs: VapMcp, tool: str, arguments: dict[str, Any]
) -> None:
    """Line for line, but for the id; the amount is the same number."""
    prompt = "waves [[stuck]]"

    its = (await theirs.call(tool, prompt=prompt, **arguments)).splitlines()
    async with desk.agent("vap") as client:
        mine = text_of(await client.call_tool(tool, {"prompt": prompt, **arguments})).splitlines()

    different = {
        (one.split(": ")[0], other.split(": ")[0]) for one, other in zip(its, mine, strict=True) if one != other
    }
    assert different <= {("Task ID", "Task ID"), ("Estimated Cost", "Estimated Cost"), ("Instrumental", "Instrumental")}
    amounts = [next(line for line in lines if "Cost" in line).partition("$")[2] for lines in (its, mine)]
    assert Decimal(amounts[0]) == Decimal(amounts[1])


@pytest.mark.parametrize(
    ("tool", "prompt", "renamed"),
    [
        ("generate_video", "waves", {}),
        ("generate_image", "a fox", {"🎬 Video URL": "🖼️ Image URL"}),  # it takes every output_url for a film
        ("generate_music", "a waltz", {}),
        ("generate_video", "waves [[fail]]", {}),
        ("generate_video", "waves [[queue:0]] [[stuck]]", {}),
        ("generate_video", "waves [[queue:9999]]", {}),
    ],
)
async def test_it_shows_a_task_as_the_vendors_server_does(
    desk: ProfileDesk,
    theirs: VapMcp,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
    prompt: str,
    renamed: dict[str, str],
) -> None:
    """Each of its lines is there, with the same words; URLs but for their signature, amounts as numbers."""
    monkeypatch.setattr(reading, "WAIT", 2.0 if "[[" not in prompt or "fail" in prompt else 0.3)

    async with desk.agent("vap") as client:
        created = await client.call_tool(tool, {"prompt": prompt})
        mine = await client.call_tool("get_task", {"task_id": lines_of(created)["Task ID"]})
    its = await theirs.call("get_task", task_id=remote_id(desk))

    expected = {
        renamed.get(name, name): value
        for name, value in (line.split(": ", 1) for line in its.splitlines() if ": " in line)
    }
    told = lines_of(mine)
    assert plain(told | expected) == plain(told | {"Task": expected["Task"]})
    assert [line for line in its.splitlines() if line.startswith("⏳")] == [
        line for line in text_of(mine).splitlines() if line.startswith("⏳")
    ]


def plain(lines: dict[str, str]) -> dict[str, Any]:
    """Leave out what may be written differently: signatures of URLs, and noughts at the end of amounts."""
    return {
        name: Decimal(value[1:]) if name.endswith("Cost") else value.partition("?")[0] if "URL" in name else value
        for name, value in lines.items()
    }


async def test_the_vendors_server_sees_our_job_in_its_list(desk: ProfileDesk, theirs: VapMcp) -> None:
    """Both are at one account; only ours is in the ledger."""
    await theirs.call("generate_video", prompt="its waves [[stuck]]")

    async with desk.agent("vap") as client:
        await client.call_tool("generate_video", {"prompt": "our waves [[stuck]]"})
        ours = (await client.call_tool("list_tasks", {})).structured_content["tasks"]

    assert (await theirs.call("list_tasks")).count('"task_id"') == 2
    assert len(ours) == 1
