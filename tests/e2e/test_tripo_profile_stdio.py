"""`taskferry mcp --profile tripo` as hosts run it: a process of its own, every tool once, in both eras."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp import Client
from PIL import Image

from mcp_desk import ERAS, text_of
from profile_desk import ProfileDesk, process, said
from taskferry.sandbox import Running, running

TEXT, IMAGE = "create_3d_model_from_text", "create_3d_model_from_image"
FOX = {"describe_the_look_of_object": "a small red fox"}


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    """A provider whose jobs end at once, as seen by a process that starts in the meantime."""
    with running({"tripo": "taskferry_tripo.sandbox:stand_in"}, speed=1000) as servers:
        yield servers["tripo"]


@pytest.fixture
def desk(tmp_path: Path, provider: Running) -> ProfileDesk:
    """A place of work for one agent, whose Blender is not running."""
    desk = ProfileDesk(tmp_path, provider)
    Image.new("RGB", (300, 300), "red").save(desk.working / "fox.png")
    desk.environ["BLENDER_PORT"] = "9"
    return desk


@pytest.mark.parametrize("era", [ERAS[0], *(pytest.param(era, marks=pytest.mark.slow) for era in ERAS[1:])])
async def test_every_tool_answers(desk: ProfileDesk, era: str) -> None:
    """The models are made and kept; that nothing can be imported is said, not raised."""
    async with Client(process(desk, "--profile", "tripo"), mode=era) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        created = [said(await client.call_tool(TEXT, FOX)), said(await client.call_tool(IMAGE, {"image": "fox.png"}))]
        shown = [said(await client.call_tool("get_task_status", {"task_id": one["task_id"]})) for one in created]
        imported = await client.call_tool("import_tripo_glb_model", {"glb_url": shown[0]["pbr_model_url"]})

    assert tools == {TEXT, IMAGE, "get_task_status", "import_tripo_glb_model"}
    assert [one["status"] for one in shown] == ["SUCCESS", "SUCCESS"]
    assert all(Path(one["files"][0]["path"]).read_bytes()[:4] == b"glTF" for one in shown)
    assert imported.is_error
    assert "Traceback" not in text_of(imported)
    assert desk.creates() == 2


@pytest.mark.slow
async def test_a_job_begun_here_ends_at_the_native_server_and_the_other_way_round(desk: ProfileDesk) -> None:
    """All of them are in one ledger."""
    async with Client(process(desk, "--profile", "tripo")) as client:
        begun_here = said(await client.call_tool(TEXT, FOX))["task_id"]
    async with Client(process(desk)) as client:
        job = {"operation": "tripo/text-to-model", "parameters": {"prompt": "a hare"}}
        begun_there = (await client.call_tool("submit_task", job)).structured_content["id"]
        ended_there = await client.call_tool("wait_task", {"task_id": begun_here})
    async with Client(process(desk, "--profile", "tripo")) as client:
        ended_here = said(await client.call_tool("get_task_status", {"task_id": begun_there}))

    assert ended_there.structured_content["status"] == "succeeded"
    assert ended_here["status"] == "SUCCESS"
    assert Path(ended_here["files"][0]["path"]).stat().st_size > 0
    assert desk.creates() == 2
