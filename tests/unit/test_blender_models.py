"""Which file goes into Blender: a kept GLB of the ledger, and no other."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from attrs import evolve

from blender_add_on import model_task
from taskferry import ArtifactError, Snapshot, Status, UsageError
from taskferry_blender import Address, BlenderUnreachable, kept_model, model_at
from taskferry_blender.imported import ImportedObject
from taskferry_blender.kept import checked_copy


@pytest.fixture
def task(tmp_path: Path) -> Snapshot:
    """A finished task whose GLB was kept."""
    return model_task(tmp_path)


def test_the_first_glb_is_the_model(task: Snapshot) -> None:
    """Pictures beside it are none."""
    assert kept_model(task).name == "model"


def test_a_model_is_known_by_its_suffix_where_the_provider_tells_no_type(tmp_path: Path) -> None:
    """The kept file's name was given by its content."""
    task = model_task(tmp_path, media_type=None)

    assert kept_model(task).name == "model"


@pytest.mark.parametrize("wanted", [None, "pbr-model"])
def test_a_task_without_such_a_model_says_what_it_has(tmp_path: Path, wanted: str | None) -> None:
    """An FBX is not imported as a GLB."""
    path = tmp_path / "model.fbx"
    task = model_task(tmp_path, media_type="application/octet-stream", path=path)

    with pytest.raises(UsageError, match=r"preview \(image/webp\), model \(application/octet-stream\)"):
        kept_model(task, wanted)


def test_a_task_that_has_not_succeeded_has_no_model(task: Snapshot) -> None:
    """Its status is named."""
    with pytest.raises(UsageError, match="is running"):
        kept_model(evolve(task, status=Status.RUNNING))


def test_a_file_that_is_not_kept_is_not_imported(tmp_path: Path) -> None:
    """The message has the command that keeps it."""
    task = model_task(tmp_path, path=None, sha256=None)

    with pytest.raises(ArtifactError, match=f"taskferry resume {task.id}"):
        kept_model(task)


@pytest.mark.parametrize(
    "written",
    [
        "https://files.example/fox/model.glb?sign=old",
        "https://files.example/fox/model.glb?sign=new&expires=9",
        "HTTPS://FILES.example/fox/model.glb",
        "{path}",
        "file://{path}",
        "artifact://{id}/model",
        "task://{id}",
        "{id}",
    ],
)
def test_what_an_agent_may_write_for_a_model(task: Snapshot, tmp_path: Path, written: str) -> None:
    """The URL that it was shown, with whatever signature, the kept file, or the task."""
    other = evolve(task, id="other", artifacts=())

    found, artifact = model_at(written.format(path=tmp_path / "model.glb", id=task.id), [other, task])

    assert (found.id, artifact.name) == (task.id, "model")


@pytest.mark.parametrize(
    "written",
    [
        "https://files.example/other/model.glb",
        "https://evil.example/fox/model.glb",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://[::1/model.glb",
        "",
    ],
)
def test_what_no_task_has_is_refused(task: Snapshot, written: str) -> None:
    """Whatever the agent was told: nothing is fetched from it."""
    with pytest.raises(UsageError, match="is no file of your tasks"):
        model_at(written, [task])


def test_a_model_is_found_before_it_is_kept(tmp_path: Path) -> None:
    """So that whoever asks can keep it first."""
    task = model_task(tmp_path, path=None, sha256=None)

    found, artifact = model_at("https://files.example/fox/model.glb", [task])

    assert (found, artifact.path) == (task, None)


def test_a_picture_is_no_model(task: Snapshot) -> None:
    """Although it is a file of the task."""
    with pytest.raises(UsageError, match="named 'preview'"):
        model_at("https://files.example/fox.webp", [task])


def test_the_copy_is_the_file_that_was_kept(task: Snapshot, tmp_path: Path) -> None:
    """Byte for byte."""
    folder = tmp_path / "private"
    folder.mkdir()

    copy = checked_copy(kept_model(task), folder)

    assert copy.read_bytes() == (tmp_path / "model.glb").read_bytes()


@pytest.mark.parametrize("damage", [b"", b"glTF and something else"])
def test_a_file_that_has_changed_since_is_not_imported(task: Snapshot, tmp_path: Path, damage: bytes) -> None:
    """Its checksum says so."""
    folder = tmp_path / "private"
    folder.mkdir()
    (tmp_path / "model.glb").write_bytes(damage)

    with pytest.raises(ArtifactError, match="not the file that was kept"):
        checked_copy(kept_model(task), folder)


def test_a_file_that_is_gone_is_told(task: Snapshot, tmp_path: Path) -> None:
    """With its path."""
    (tmp_path / "model.glb").unlink()

    with pytest.raises(ArtifactError, match="No such file"):
        checked_copy(kept_model(task), tmp_path)


def test_a_kept_file_that_is_no_glb_is_not_imported(tmp_path: Path) -> None:
    """An error page with the right checksum is still an error page."""
    page = b"<?xml version='1.0'?><Error/>"
    task = model_task(tmp_path, size=len(page), sha256=hashlib.sha256(page).hexdigest())
    (tmp_path / "model.glb").write_bytes(page)
    folder = tmp_path / "private"
    folder.mkdir()

    with pytest.raises(ArtifactError, match="is not a GLB: it begins with"):
        checked_copy(kept_model(task), folder)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "9876x", "²"])
def test_what_is_no_port_is_refused(port: str) -> None:
    """With the variable's name."""
    with pytest.raises(UsageError, match="BLENDER_PORT"):
        Address.from_environ({"BLENDER_PORT": port})


def test_the_address_is_the_add_ons_own_unless_told() -> None:
    """Empty variables count as none."""
    assert Address.from_environ({"BLENDER_HOST": "", "BLENDER_PORT": ""}) == Address(host="localhost", port=9876)


async def test_another_machine_has_to_be_allowed() -> None:
    """The add-on runs what anybody sends it, and the way there is not encrypted."""
    address = Address.from_environ({"BLENDER_HOST": "192.0.2.7"})

    with pytest.raises(UsageError, match="TASKFERRY_BLENDER_REMOTE=1"):
        await address.resolved()


async def test_another_machine_that_is_allowed_is_tried() -> None:
    """Only then."""
    address = Address.from_environ({"BLENDER_HOST": "192.0.2.7", "TASKFERRY_BLENDER_REMOTE": "1"})

    assert await address.resolved() == ["192.0.2.7"]


async def test_a_host_that_is_not_known_is_told() -> None:
    """As a Blender that cannot be reached."""
    with pytest.raises(BlenderUnreachable, match="no-such-host"):
        await Address(host="no-such-host.invalid").resolved()


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"name": "a\x1b[2Jb", "dimensions": {"x": 1, "y": 2.5, "z": 3}}, ("a [2Jb", (1.0, 2.5, 3.0))),
        ({"name": "fox", "dimensions": {"x": float("nan"), "y": 1, "z": 1}}, ("fox", None)),
        ({"name": "fox", "dimensions": {"x": 1}}, ("fox", None)),
        ({"name": "fox", "dimensions": [1, 2, 3]}, ("fox", None)),
        ("fox", ("object", None)),
    ],
)
def test_what_blender_tells_of_an_object_is_read_with_care(told: object, expected: tuple[str, object]) -> None:
    """Names lose what moves a cursor; sizes are three finite numbers or unknown."""
    found = ImportedObject.read(told)

    assert (found.name, found.dimensions) == expected
