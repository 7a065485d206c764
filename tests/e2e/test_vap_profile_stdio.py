"""`taskferry mcp --profile vap` as hosts run it: a process of its own, every tool once, in both eras."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from mcp_desk import ERAS, text_of
from profile_desk import ProfileDesk, lines_of, process
from taskferry.sandbox import Running, running

URL, FILM = "https://example.com/fox.png", "https://example.com/waves.mp4"

GENERATED: dict[str, dict[str, Any]] = {
    "generate_image": {"prompt": "a fox", "aspect_ratio": "16:9", "quality": "high"},
    "generate_video": {"prompt": "waves", "duration": 4, "negative_prompt": "text"},
    "generate_music": {"prompt": "a waltz", "duration": 30, "audio_format": "wav"},
}
EDITED: dict[str, dict[str, Any]] = {
    "upscale": {"media_url": URL},
    "background_remove": {"media_url": URL},
    "inpaint": {"media_url": URL, "prompt": "a red scarf", "mask_url": URL},
    "ai_edit": {"media_url": URL, "prompt": "autumn"},
    "video_trim": {"media_url": FILM, "start_time": 0, "end_time": 1},
    "video_merge": {"media_urls": [FILM, FILM]},
}
OTHERS: dict[str, dict[str, Any]] = {
    "list_tasks": {"limit": 50},
    "check_balance": {},
    "estimate_cost": {},
    "estimate_video_cost": {},
    "estimate_music_cost": {},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider whose jobs end at once, as seen by a process that starts in the meantime."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=1000) as servers:
        yield servers["vap"]


@pytest.fixture
def desk(tmp_path: Path, provider: Running) -> ProfileDesk:
    """A place of work for one agent."""
    return ProfileDesk(tmp_path, provider)


@pytest.mark.slow
@pytest.mark.parametrize("era", ERAS)
async def test_every_tool_answers(desk: ProfileDesk, era: str) -> None:
    """With no error, and with the file of each job."""
    answers, files = {}, []

    async with Client(process(desk, "--profile", "vap"), mode=era) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        for name, arguments in {**GENERATED, **EDITED, **OTHERS}.items():
            answers[name] = await client.call_tool(name, arguments)
        for name in GENERATED:
            shown = await client.call_tool("get_task", {"task_id": lines_of(answers[name])["Task ID"]})
            answers["get_task"] = shown
            files.append(lines_of(shown)["File"])
        for name in EDITED:
            shown = await client.call_tool("get_operation", {"operation_id": lines_of(answers[name])["Operation ID"]})
            answers["get_operation"] = shown
            files.append(lines_of(shown)["File"])

    assert set(answers) == names
    assert not [name for name, answer in answers.items() if answer.is_error]
    assert all(Path(file).stat().st_size > 0 for file in files)
    assert answers["list_tasks"].structured_content["total"] == len(files) == desk.creates()


@pytest.mark.slow
async def test_a_job_begun_here_ends_at_the_native_server_and_the_other_way_round(desk: ProfileDesk) -> None:
    """All of them are in one ledger, which the command line lists too."""
    async with Client(process(desk, "--profile", "vap")) as client:
        begun_here = lines_of(await client.call_tool("generate_image", {"prompt": "a fox"}))["Task ID"]
    async with Client(process(desk)) as client:
        job = {"operation": "vap/image", "parameters": {"prompt": "a hare"}}
        begun_there = (await client.call_tool("submit_task", job)).structured_content["id"]
        ended_there = await client.call_tool("wait_task", {"task_id": begun_here})
    async with Client(process(desk, "--profile", "vap")) as client:
        ended_here = await client.call_tool("get_task", {"task_id": begun_there})
    listed = subprocess.run(
        [sys.executable, "-m", "taskferry.cli.start", "list", "--json"],
        env=process(desk).env,
        capture_output=True,
        check=True,
    )

    assert ended_there.structured_content["status"] == "succeeded"
    assert lines_of(ended_here)["Status"] == "completed"
    assert Path(lines_of(ended_here)["File"]).stat().st_size > 0
    assert [task["id"] for task in json.loads(listed.stdout)["tasks"]] == [begun_there, begun_here]
    assert desk.creates() == 2


async def test_a_job_that_was_given_up_in_the_middle_is_not_lost(desk: ProfileDesk) -> None:
    """The process goes while the job is under way; the next one shows its end, and nothing is paid twice."""
    async with Client(process(desk, "--profile", "vap")) as client:
        created = await client.call_tool("generate_video", {"prompt": "waves [[run:2000]]"})
    async with Client(process(desk, "--profile", "vap")) as client:
        again = await client.call_tool("generate_video", {"prompt": "waves [[run:2000]]"})
        shown = await client.call_tool("get_task", {"task_id": lines_of(created)["Task ID"]})

    assert "nothing was sent or billed again" in text_of(again)
    assert lines_of(shown)["Status"] == "completed"
    assert desk.creates() == 1
