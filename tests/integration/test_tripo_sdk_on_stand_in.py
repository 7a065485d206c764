"""Tripo's own client, tripo3d 1.0.0, at the stand-in: what it does with the real service, it does here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trimesh
from PIL import Image
from tripo3d import TaskStatus, TripoAPIError, TripoClient

from taskferry.sandbox import Running, running
from taskferry.sandbox.media.image import image

POLL = 0.1
"""Seconds; the least that the client takes."""


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """A stand-in at which a task takes some tens of milliseconds."""
    with running({"tripo": "taskferry_tripo.sandbox:stand_in"}, speed=1000) as servers:
        yield servers["tripo"]


@pytest.fixture
async def client(server: Running) -> AsyncIterator[TripoClient]:
    """The vendor's client, with its own account."""
    async with TripoClient(api_key=server.stand_in.example_key(), v3_base_url=server.base_url) as client:
        yield client


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A local PNG."""
    path = tmp_path / "fox.png"
    path.write_bytes(image("a fox", 300, 300))
    return path


def magic(path: str | None) -> bytes:
    """Give the first bytes of a file."""
    return Path(path or "").read_bytes()[:11]


async def test_it_makes_a_model_from_text_and_downloads_it(client: TripoClient, tmp_path: Path) -> None:
    """Create, wait, download: a GLB that loads, and its preview."""
    task = await client.wait_for_task(await client.text_to_model("a fox"), POLL)

    files = await client.download_task_models(task, str(tmp_path))

    assert task.status is TaskStatus.SUCCESS
    assert task.credits_consumed == 20
    assert len(trimesh.load_scene(files["model"]).geometry) == 1
    assert Path(files["rendered_image"] or "").suffix == ".webp"
    assert files["pbr_model"] == files["model"]


async def test_it_makes_a_model_from_a_local_picture(client: TripoClient, picture: Path) -> None:
    """The picture is uploaded in a form, and its token is the input."""
    task = await client.wait_for_task(await client.image_to_model(picture), POLL)

    assert task.status is TaskStatus.SUCCESS
    assert str(task.input["input"]).startswith("file_")


async def test_it_uploads_a_large_file_by_a_presigned_put(
    client: TripoClient, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above its limit the client asks for an address and puts the bytes there without its key."""
    monkeypatch.setattr(TripoClient, "MULTIPART_MAX_BYTES", 0)

    task = await client.wait_for_task(await client.image_to_model(picture), POLL)

    assert task.status is TaskStatus.SUCCESS


async def test_it_makes_a_model_from_several_views(client: TripoClient, picture: Path) -> None:
    """Front, left, nothing and right, as the client orders them."""
    task_id = await client.multiview_to_model([picture, picture, None, picture])

    assert (await client.wait_for_task(task_id, POLL)).status is TaskStatus.SUCCESS


async def test_it_lists_a_batch(client: TripoClient) -> None:
    """Those of the account by id, the others as missed."""
    task_ids = [await client.text_to_model(f"fox {number}") for number in range(3)]

    listed = await client.list_tasks([*task_ids, "nothing"])

    assert sorted(listed.tasks) == sorted(task_ids)
    assert listed.missed == ["nothing"]


async def test_it_reads_balance_and_usage(client: TripoClient) -> None:
    """A finished task has moved its price out of the account."""
    task = await client.wait_for_task(await client.text_to_model("a fox"), POLL)

    balance, usage = await client.get_balance(), await client.get_usage()

    assert (balance.balance, balance.frozen) == (999_980, 0)
    assert [(row.task_id, row.type, row.credits_consumed) for row in usage] == [(task.task_id, "text_to_model", 20)]


async def test_it_draws_and_downloads_a_picture(client: TripoClient, tmp_path: Path) -> None:
    """Text to image gives a PNG."""
    task = await client.wait_for_task(await client.text_to_image("a fox"), POLL)

    files = await client.download_task_models(task, str(tmp_path))

    with Image.open(files["image"] or "") as drawn:
        assert drawn.format == "PNG"


async def test_it_draws_four_views_and_makes_a_model_of_them(
    client: TripoClient, picture: Path, tmp_path: Path
) -> None:
    """The views come as four files, and their task is an input."""
    views = await client.wait_for_task(await client.generate_multiview_image(picture), POLL)

    files = await client.download_task_models(views, str(tmp_path))
    model = await client.wait_for_task(await client.multiview_to_model(views.task_id), POLL)

    assert sorted(files) == ["back_view", "front_view", "left_view", "right_view"]
    assert all(files.values())
    assert model.status is TaskStatus.SUCCESS


async def test_it_goes_the_whole_way_of_a_character(client: TripoClient, tmp_path: Path) -> None:
    """A model is checked, rigged, animated, and converted to FBX."""
    model = await client.text_to_model("a fox")
    await client.wait_for_task(model, POLL)

    check = await client.wait_for_task(await client.check_riggable(model), POLL)
    rig = await client.wait_for_task(await client.rig_model(model), POLL)
    dance = await client.wait_for_task(await client.retarget_animation(rig.task_id, "preset:walk"), POLL)
    converted = await client.wait_for_task(await client.convert_model(model, "FBX"), POLL)
    files = await client.download_task_models(converted, str(tmp_path))

    assert (check.output.riggable, check.output.rig_type) == (True, "biped")
    assert dance.status is TaskStatus.SUCCESS
    assert magic(files["model"]) == b"Kaydara FBX"


async def test_it_edits_meshes(client: TripoClient, picture: Path) -> None:
    """Textures, parts, fewer faces, places for a texture: each is a task of its own."""
    model = await client.text_to_model("a fox")
    await client.wait_for_task(model, POLL)
    segments = await client.mesh_segmentation(model)
    await client.wait_for_task(segments, POLL)

    task_ids = [
        await client.texture_model(model, text_prompt="of gold"),
        await client.mesh_completion(segments),
        await client.smart_lowpoly(model, "P-v2.0-20251225", face_limit=1000),
        await client.mesh_uv(model),
        await client.image_to_splat(picture),
    ]
    tasks = [await client.wait_for_task(task_id, POLL) for task_id in task_ids]

    assert [task.status for task in tasks] == [TaskStatus.SUCCESS] * len(tasks)
    assert tasks[3].output.uv_render_url
    assert tasks[4].output.urls["splat_url"]


async def test_an_error_reaches_it_with_code_suggestion_and_request_id(client: TripoClient) -> None:
    """A refusal is the client's own error, with all that the service says."""
    with pytest.raises(TripoAPIError) as refused:
        await client.text_to_model("a fox [[refuse:2010]]")

    assert refused.value.code == 2010
    assert refused.value.suggestion == "Please buy more credits"
    assert str(refused.value.request_id).startswith("req_")


async def test_it_waits_out_a_failure_of_the_gateway(client: TripoClient) -> None:
    """It repeats reads, not creates."""
    task_id = await client.text_to_model("a fox [[read-http:502*1]] [[run:0]]")

    assert (await client.wait_for_task(task_id, POLL)).status is TaskStatus.SUCCESS


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("moderated", TaskStatus.FAILED, 2008),
        ("moderated:banned", TaskStatus.BANNED, 2008),
        ("expired", TaskStatus.FAILED, 2018),
        ("expired:expired", TaskStatus.EXPIRED, 2018),
        ("cancelled", TaskStatus.CANCELLED, None),
    ],
)
async def test_it_sees_every_end(client: TripoClient, token: str, status: TaskStatus, code: int | None) -> None:
    """In the words of both of v3's papers."""
    task = await client.wait_for_task(await client.text_to_model(f"a fox [[{token}]]"), POLL)

    assert (task.status, task.error_code) == (status, code)
