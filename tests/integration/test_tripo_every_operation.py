"""Every operation of Tripo, from submit to a file that opens, at the stand-in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import trimesh
from PIL import Image

from taskferry import FailureKind, Ferry, Snapshot, Status
from taskferry.ledger import Record
from taskferry.sandbox import Running, running
from taskferry.sandbox.media.image import image
from taskferry.sandbox.media.model import model
from taskferry_tripo.operations import OPERATIONS
from taskferry_tripo.uploads import FORM_LIMIT

SPEED = 50
UNKNOWN_TASK = "00000000-0000-4000-8000-000000000000"

Ended = Mapping[str, Record]
Run = Callable[..., Awaitable[Record]]


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running({"tripo": "taskferry_tripo.sandbox:stand_in"}, speed=SPEED, limits=False) as servers:
        yield servers["tripo"]


@pytest.fixture(scope="module")
def ended(server: Running, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Each operation's task, by a name of its own; what goes on from another runs after it, all else at once."""
    return asyncio.run(everything(server, tmp_path_factory.mktemp("tripo")))


async def everything(server: Running, folder: Path) -> Ended:
    fox, mesh = folder / "fox.png", folder / "fox.glb"
    fox.write_bytes(image("a fox", 300, 300))
    mesh.write_bytes(model("a fox", "glb"))
    done: dict[str, Record] = {}
    async with Ferry(home=folder / "home", environ=server.env, speed=SPEED) as ferry:

        async def run(name: str, **parameters: Any) -> str:
            operation, _, _ = name.partition(" ")
            task = await ferry.submit(f"tripo/{operation}", **parameters)
            await task.wait(timeout=60)
            done[name] = task.record
            remote: Any = task.record.remote
            return str(remote["task_id"]) if remote else UNKNOWN_TASK

        made, views, brought = await asyncio.gather(
            run("text-to-model", prompt="a small red fox", render_video=True),
            run("image-to-multiview", image=fox),
            run("import-model", source=mesh),
        )
        rigged, parts = await asyncio.gather(
            run("rig", source=made, model="v2.5-20260210", rig_type="quadruped", output_format="fbx"),
            run("segment", source=made),
        )
        await asyncio.gather(
            run("image-to-model", image=fox, quad=True),
            run("multiview-to-model", front=fox, back="https://example.com/back.png", texture_quality="detailed"),
            run("multiview-to-model of a task", views=views),
            run("text-to-image", prompt="a small red fox", output_format="jpeg"),
            run("image-to-image", images=[fox, views], prompt="the same fox in the snow"),
            run("edit-multiview", source=views, prompts=[{"view": "front", "prompt": "add a scarf"}]),
            run("image-to-splat", image=fox),
            run("image-to-depth", image=fox),
            run("texture", source=brought, prompt="rusty iron", style_image=fox),
            *(
                run(f"convert {to}", source=made, output_format=to)
                for to in ("obj", "stl", "3mf", "fbx", "gltf", "usdz")
            ),
            run("rig-check", source=made),
            run("retarget", source=rigged, animation="preset:quadruped:walk"),
            run("retarget twice", source=rigged, animations=["preset:walk", "preset:run"], output_format="fbx"),
            run("smart-segment", source=made, granularity="coarse"),
            run("smart-segment of a picture", image=fox),
            run("complete", source=parts),
            run("decimate", source=made, face_limit=600),
            run("uv", source=made),
        )
    return done


KEPT: dict[str, list[str]] = {
    "text-to-model": ["model.glb", "preview.webp", "turntable.mp4"],
    "image-to-model": ["model.fbx", "preview.webp"],
    "multiview-to-model": ["model.glb", "preview.webp"],
    "multiview-to-model of a task": ["model.glb", "preview.webp"],
    "text-to-image": ["image.jpg"],
    "image-to-image": ["image.png"],
    "image-to-multiview": ["front-view.png", "left-view.png", "back-view.png", "right-view.png"],
    "edit-multiview": ["front-view.png", "left-view.png", "back-view.png", "right-view.png"],
    "image-to-splat": ["splat.ply"],
    "image-to-depth": ["depth.png"],
    "import-model": ["model.glb", "preview.webp"],
    "texture": ["model.glb", "preview.webp"],
    "convert obj": ["model.obj"],
    "convert stl": ["model.stl"],
    "convert 3mf": ["model.3mf"],
    "convert fbx": ["model.fbx"],
    "convert gltf": ["model.glb"],
    "convert usdz": ["model.usdz"],
    "rig-check": ["rig-check.json"],
    "rig": ["model.fbx", "preview.webp"],
    "retarget": ["model.glb"],
    "retarget twice": ["model-1.fbx", "model-2.fbx"],
    "segment": ["model.glb", "preview.webp"],
    "smart-segment": ["segmented-model.glb", "mask.png", "segmentation.json"],
    "smart-segment of a picture": ["segmented-model.glb", "mask.png", "segmentation.json"],
    "complete": ["model.glb", "preview.webp"],
    "decimate": ["model.glb", "preview.webp"],
    "uv": ["model.glb", "uv.png"],
}


def test_no_operation_is_left_out() -> None:
    """Each is run at least once."""
    assert {name.partition(" ")[0] for name in KEPT} == {one.name.partition("/")[2] for one in OPERATIONS}


@pytest.mark.parametrize("name", KEPT)
def test_every_operation_ends_well_and_its_files_open(ended: Ended, name: str) -> None:
    """All that it makes is kept, under a name that says what it is."""
    snapshot = ended[name].snapshot

    assert (snapshot.status, snapshot.failure) == (Status.SUCCEEDED, None)
    paths = [artifact.path for artifact in snapshot.artifacts]
    assert [path and path.name for path in paths] == KEPT[name]
    for path in paths:
        assert path is not None
        assert OPENERS[path.suffix](path)


def opens_as_picture(path: Path) -> bool:
    with Image.open(path) as picture:
        picture.load()
        return min(picture.size) > 100


def opens_as_scene(path: Path) -> bool:
    return sum(len(mesh.vertices) for mesh in trimesh.load_scene(path).geometry.values()) > 100


def begins_with(*magic: bytes) -> Callable[[Path], bool]:
    return lambda path: path.read_bytes()[:32].startswith(magic)


def is_a_film(path: Path) -> bool:
    return path.read_bytes()[4:8] == b"ftyp"


OPENERS: dict[str, Callable[[Path], bool]] = {
    **dict.fromkeys([".png", ".webp", ".jpg"], opens_as_picture),
    **dict.fromkeys([".glb", ".obj", ".stl", ".ply"], opens_as_scene),
    ".3mf": begins_with(b"PK\x03\x04"),
    ".usdz": begins_with(b"PK\x03\x04"),
    ".fbx": begins_with(b"Kaydara FBX Binary"),
    ".mp4": is_a_film,
    ".json": lambda path: isinstance(json.loads(path.read_text()), dict),
}


@pytest.mark.parametrize("name", KEPT)
def test_the_cost_is_what_tripo_says_it_took(ended: Ended, name: str) -> None:
    """And where the price list knew it beforehand, it was right; of pictures it knows only the most."""
    cost = ended[name].snapshot.cost

    assert cost.unit == "credits"
    assert cost.actual is not None
    assert cost.estimated in (None, cost.actual) or name == "image-to-image"
    assert cost.estimated is None or cost.actual <= cost.estimated


def test_a_rig_check_says_what_it_found(ended: Ended) -> None:
    """Its file is the answer."""
    (found,) = ended["rig-check"].snapshot.artifacts

    assert found.path is not None
    assert json.loads(found.path.read_text()) == {"riggable": True, "rig_type": "biped"}


@pytest.fixture
def run(server: Running, tmp_path: Path) -> Run:
    """Give a way to run one job to its end with an account of its own."""

    async def ending(name: str, *, key: str | None = None, **parameters: Any) -> Record:
        environ = {**server.env, "TRIPO_API_KEY": key or server.stand_in.example_key()}
        async with Ferry(home=tmp_path / "home", environ=environ, speed=SPEED) as ferry:
            task = await ferry.submit(f"tripo/{name}", **parameters)
            await task.wait(timeout=60)
            return task.record

    return ending


async def test_a_large_model_goes_around_the_form(server: Running, run: Run, tmp_path: Path) -> None:
    """By a signed PUT, which this stand-in, as an object store does, refuses if it carries a key."""
    mesh = tmp_path / "fox.glb"
    content = model("a fox", "glb")
    mesh.write_bytes(content + bytes(FORM_LIMIT + 1 - len(content)))

    record = await run("import-model", source=mesh)

    assert (record.snapshot.status, record.snapshot.failure) == (Status.SUCCEEDED, None)
    asked = server.stand_in.requests.document()
    sent = [(one["method"], one["path"].rpartition("/")[0]) for one in asked if one["method"] != "GET"]
    assert sent[-3:] == [("POST", "/v3/files"), ("PUT", "/storage"), ("POST", "/v3/models")]


async def test_a_source_that_failed_is_refused_with_tripos_code(run: Run, server: Running) -> None:
    """2007, and nothing is billed."""
    key = server.stand_in.example_key()
    failed: Any = (await run("text-to-model", key=key, prompt="a fox [[fail:1001]]")).remote

    refused = await run("rig", key=key, source=failed["task_id"])

    assert told(refused.snapshot) == (Status.REFUSED, FailureKind.VALIDATION, "2007")


async def test_a_task_of_another_account_is_not_there(ended: Ended, run: Run) -> None:
    """2001, as for one that never was."""
    other: Any = ended["text-to-model"].remote

    refused = [await run("rig", source=source) for source in (other["task_id"], UNKNOWN_TASK)]

    assert [told(one.snapshot) for one in refused] == [(Status.REFUSED, FailureKind.NOT_FOUND, "2001")] * 2


@pytest.mark.parametrize(
    ("name", "parameters", "kind", "code"),
    [
        ("image-to-model", {"image": f"file_{UNKNOWN_TASK}"}, FailureKind.VALIDATION, "1004"),
        ("text-to-image", {"prompt": "a fox [[refuse:2010]]"}, FailureKind.FUNDS, "2010"),
        ("text-to-image", {"prompt": "a fox [[refuse:1005]]"}, FailureKind.FORBIDDEN, "1005"),
        ("text-to-image", {"prompt": "a fox [[refuse:2008]]"}, FailureKind.MODERATED, "2008"),
        ("text-to-image", {"prompt": "a fox [[soft-error:2009]]"}, FailureKind.VALIDATION, "2009"),
    ],
)
async def test_what_only_tripo_can_know_is_refused_with_its_code(
    run: Run, name: str, parameters: dict[str, str], kind: FailureKind, code: str
) -> None:
    """An upload that has expired, an empty account, a key that may not; also under HTTP 200."""
    refused = await run(name, **parameters)

    assert told(refused.snapshot) == (Status.REFUSED, kind, code)
    assert refused.snapshot.failure is not None
    assert refused.snapshot.failure.trace_id
    assert refused.snapshot.cost.actual is None


async def test_a_key_of_another_region_is_said_so(run: Run) -> None:
    """Nothing is created; the suggestion is Tripo's own."""
    refused = await run("text-to-image", key="sk-of-someone-else", prompt="a fox")

    assert told(refused.snapshot) == (Status.REFUSED, FailureKind.AUTH, "2")


def told(snapshot: Snapshot) -> tuple[Status, FailureKind | None, str | None]:
    failure = snapshot.failure
    return snapshot.status, failure and failure.kind, failure and failure.code


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("fox [[rig-key:topology]]", {"riggable": True, "rig_type": "biped"}),
        ("fox [[not-riggable]]", {"riggable": False, "rig_type": "biped"}),
    ],
)
async def test_a_rig_check_is_read_in_either_form(
    run: Run, tmp_path: Path, file: str, said: Mapping[str, object]
) -> None:
    """Sources differ on the key; a model that cannot be rigged is a result as well."""
    mesh = tmp_path / f"{file}.glb"
    mesh.write_bytes(model("a fox", "glb"))

    record = await run("rig-check", source=mesh)

    (found,) = record.snapshot.artifacts
    assert found.path is not None
    assert json.loads(found.path.read_text()) == said


async def test_views_that_are_not_nested_are_found_too(run: Run, tmp_path: Path) -> None:
    """Sources differ on where they are."""
    fox = tmp_path / "fox [[flat-views]].png"
    fox.write_bytes(image("a fox", 300, 300))

    record = await run("image-to-multiview", image=fox)

    assert [artifact.name for artifact in record.snapshot.artifacts] == [
        f"{side}-view" for side in ("front", "left", "back", "right")
    ]
