"""A row for each task method of the vendor's client: what it says of a task is what our adapter says of it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tripo3d import TaskStatus, TripoClient

from integration.tripo_client import hosted
from taskferry import Observation, Status
from taskferry.credentials import Secret
from taskferry.exchange import fetch, fetch_many, run
from taskferry.sandbox import Running, running
from taskferry.sandbox.media.image import image
from taskferry.transport import Transport, Wire
from taskferry_tripo.adapter import TripoAdapter

OURS = {
    TaskStatus.SUCCESS: {Status.SUCCEEDED},
    TaskStatus.FAILED: {Status.FAILED, Status.MODERATED, Status.EXPIRED},
    TaskStatus.BANNED: {Status.MODERATED},
    TaskStatus.EXPIRED: {Status.EXPIRED},
    TaskStatus.CANCELLED: {Status.CANCELLED},
    TaskStatus.UNKNOWN: {None},
    TaskStatus.QUEUED: {Status.QUEUED},
    TaskStatus.RUNNING: {Status.RUNNING},
}
"""Tripo's word, as its client reads it, by the words that ours may give for it."""


class Desk:
    """The vendor's client and our adapter at one account of one stand-in, and things to work on."""

    def __init__(self, client: TripoClient, wire: Wire, picture: Path) -> None:
        self.client, self.wire, self.picture, self.adapter = client, wire, picture, TripoAdapter()

    async def done(self, task_id: str) -> str:
        """Wait for a task and give its id."""
        await self.client.wait_for_task(task_id, 0.1)
        return task_id

    async def model(self) -> str:
        """Make a model to work on."""
        return await self.done(await self.client.text_to_model("a fox"))

    async def ours(self, task_id: str) -> Observation:
        """Look with our adapter."""
        return await fetch(self.adapter, {"task_id": task_id}, self.wire)


MODEL = {"model": "v3.1-20260211"}
METHODS: dict[str, Callable[[Desk], Awaitable[str]]] = {
    "text_to_model": lambda desk: desk.client.text_to_model("a fox"),
    "image_to_model": lambda desk: desk.client.image_to_model(desk.picture),
    "multiview_to_model": lambda desk: desk.client.multiview_to_model([desk.picture, desk.picture, None, None]),
    "text_to_image": lambda desk: desk.client.text_to_image("a fox"),
    "image_to_image": lambda desk: desk.client.image_to_image(desk.picture, prompt="in snow"),
    "image_to_multiview": lambda desk: desk.client.image_to_multiview(desk.picture),
    "generate_multiview_image": lambda desk: desk.client.generate_multiview_image(desk.picture),
    "image_to_splat": lambda desk: desk.client.image_to_splat(desk.picture),
    "image_to_depth": lambda desk: desk.client.image_to_depth(desk.picture),
    "create_task": lambda desk: desk.client.create_task({"type": "text_to_model", "prompt": "a fox", **MODEL}),
}
ON_A_MODEL: dict[str, Callable[[Desk, str], Awaitable[str]]] = {
    "texture_model": lambda desk, model: desk.client.texture_model(model, text_prompt="of gold"),
    "convert_model": lambda desk, model: desk.client.convert_model(model, "OBJ"),
    "check_riggable": lambda desk, model: desk.client.check_riggable(model),
    "rig_check": lambda desk, model: desk.client.rig_check(model),
    "rig_model": lambda desk, model: desk.client.rig_model(model),
    "rig": lambda desk, model: desk.client.rig(model),
    "mesh_segmentation": lambda desk, model: desk.client.mesh_segmentation(model),
    "mesh_segment": lambda desk, model: desk.client.mesh_segment(model),
    "mesh_decimate": lambda desk, model: desk.client.mesh_decimate(model),
    "smart_lowpoly": lambda desk, model: desk.client.smart_lowpoly(model),
    "mesh_uv": lambda desk, model: desk.client.mesh_uv(model),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """A stand-in at which a task takes some tens of milliseconds."""
    with running({"tripo": "taskferry_tripo.sandbox:stand_in"}, speed=1000, limits=False) as servers:
        yield servers["tripo"]


@pytest.fixture
async def desk(server: Running, tmp_path: Path) -> AsyncIterator[Desk]:
    """Both clients with one key."""
    async with desk_at(server, tmp_path) as made:
        yield made


@contextlib.asynccontextmanager
async def desk_at(server: Running, folder: Path) -> AsyncIterator[Desk]:
    """Put both clients to an account of a stand-in."""
    picture = folder / "fox.png"
    picture.write_bytes(image("a fox", 300, 300))
    key = server.stand_in.example_key()
    transport = Transport()
    async with TripoClient(api_key=key, v3_base_url=server.base_url) as client:
        yield Desk(client, Wire(transport, TripoAdapter.service, server.base_url, Secret(key, "the test")), picture)
    await transport.aclose()


async def agree(desk: Desk, task_id: str) -> None:
    """Compare status, progress, credits, error and the files' addresses."""
    theirs = await desk.client.wait_for_task(task_id, 0.1)
    ours = await desk.ours(task_id)

    assert ours.status in OURS[theirs.status]
    assert theirs.status is not TaskStatus.SUCCESS or theirs.progress == 100
    assert ours.cost is not None
    assert float(ours.cost.actual or 0) == float(theirs.credits_consumed or 0)
    assert (ours.failure.code if ours.failure else None) == (str(theirs.error_code) if theirs.error_code else None)
    addresses = {urlsplit(url).path for url in theirs.output.urls.values() if isinstance(url, str)}
    assert {
        urlsplit(file.url or "").path for file in ours.artifacts if not (file.url or "").startswith("data:")
    } >= addresses


@pytest.mark.parametrize("method", METHODS)
async def test_both_say_the_same_of_what_the_client_made(method: str, desk: Desk) -> None:
    """From a text or a picture."""
    await agree(desk, await METHODS[method](desk))


@pytest.mark.parametrize("method", ON_A_MODEL)
async def test_both_say_the_same_of_what_the_client_made_of_a_model(method: str, desk: Desk) -> None:
    """From a task that ended."""
    await agree(desk, await ON_A_MODEL[method](desk, await desk.model()))


async def test_both_say_the_same_of_chains(desk: Desk) -> None:
    """Parts are completed, rigs are animated, views are edited."""
    model = await desk.model()
    segments = await desk.done(await desk.client.mesh_segmentation(model))
    rig = await desk.done(await desk.client.rig_model(model))
    views = await desk.done(await desk.client.image_to_multiview(desk.picture))

    for task_id in [
        await desk.client.mesh_completion(segments),
        await desk.client.retarget_animation(rig, "preset:walk"),
        await desk.client.edit_multiview(views, [{"view": "left", "prompt": "a red bag"}]),
    ]:
        await agree(desk, task_id)


@pytest.mark.parametrize("token", ["fail:1001", "moderated", "moderated:banned", "expired:expired", "cancelled"])
async def test_both_say_the_same_of_a_bad_end(token: str, desk: Desk) -> None:
    """With the same code."""
    await agree(desk, await desk.client.text_to_model(f"a fox [[{token}]]"))


async def test_both_let_an_unknown_word_be(tmp_path: Path) -> None:
    """The client calls it unknown; ours leaves the status as it is and keeps the word."""
    with hosted() as (server, clock):
        async with desk_at(server, tmp_path) as desk:
            task_id = await desk.client.text_to_model("a fox [[unknown-status:polishing]] [[queue:10]] [[run:100]]")
            clock.now += 60

            theirs, ours = await desk.client.get_task(task_id), await desk.ours(task_id)

    assert theirs.status is TaskStatus.UNKNOWN
    assert ours.status in OURS[theirs.status]
    assert ours.provider_status == "polishing"


async def test_both_say_the_same_of_a_batch_the_balance_and_the_usage(desk: Desk) -> None:
    """The listing that reconciling reads is the client's usage."""
    ids = [await desk.model() for _ in range(3)]

    batch = await desk.client.list_tasks([*ids, "00000000-0000-4000-8000-000000000000"])
    seen = await fetch_many(desk.adapter, desk.adapter.failure, [{"task_id": one} for one in ids], desk.wire)
    balance, _ = await run(desk.adapter.balance(), desk.wire, desk.adapter.failure)
    usage = await desk.client.get_usage()

    assert [one.status for one in seen if one] == [Status.SUCCEEDED] * 3
    assert {task.task_id for task in batch.tasks.values()} == set(ids)
    assert float(balance.available) == (await desk.client.get_balance()).balance
    assert {item.task_id for item in usage} >= set(ids)
