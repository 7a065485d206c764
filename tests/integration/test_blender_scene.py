"""A scene file without an open Blender: the child process around Blender's library, played by a made-up Python."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from blender_add_on import fox, model_task
from taskferry import ArtifactError, Snapshot, UsageError
from taskferry_blender import BlenderTimeout, BlenderUnreachable, ImportFailed, save_scene

BEGIN = """
import json, os, pathlib, sys, time
order = json.loads(sys.argv[3])
seen = {"arguments": sys.argv[1:3], "environ": dict(os.environ), "model": pathlib.Path(order["model"]).stat().st_size}
pathlib.Path(sys.argv[0] + ".seen").write_text(json.dumps(seen))
"""
WORKS = """
pathlib.Path(order["scene"]).write_bytes(b"BLENDER-v500")
if order["preview"]:
    pathlib.Path(order["preview"]).write_bytes(b"\\x89PNG\\r\\n\\x1a\\n")
objects = [{"name": "fox", "dimensions": {"x": 1.0, "y": 1.0, "z": 2.0}}]
pathlib.Path(order["report"]).write_text(json.dumps({"version": "5.0.1", "objects": objects}))
"""


@pytest.fixture
def task(tmp_path: Path) -> Snapshot:
    """A finished task whose GLB was kept."""
    return model_task(tmp_path)


def python(folder: Path, behaviour: str) -> dict[str, str]:
    """Write a program that is called as Blender's Python is; give the variables that name it, and a key."""
    program = folder / "python"
    program.write_text(f"#!{sys.executable}\n{BEGIN}{behaviour}")
    program.chmod(0o755)
    return {"TASKFERRY_BLENDER_PYTHON": str(program), "TRIPO_API_KEY": "tsk_secret", "PATH": "/usr/bin:/bin"}


async def test_the_child_gets_the_model_and_no_key(task: Snapshot, tmp_path: Path) -> None:
    """It runs isolated from the user's modules, settings and secrets."""
    await save_scene(task, tmp_path / "fox.blend", environ=python(tmp_path, WORKS))

    seen = json.loads((tmp_path / "python.seen").read_text())
    assert seen["arguments"][0] == "-I"
    assert seen["arguments"][1].endswith("scene.py")
    assert seen["model"] == len(fox())
    assert "tsk_secret" not in json.dumps(seen)
    assert "BLENDER_USER_RESOURCES" in seen["environ"]


async def test_the_scene_and_its_picture_come_to_their_places(task: Snapshot, tmp_path: Path) -> None:
    """In folders that are made if need be, with nothing beside them."""
    out, preview = tmp_path / "scenes" / "fox.blend", tmp_path / "pictures" / "fox.png"

    scene = await save_scene(task, out, preview=preview, environ=python(tmp_path, WORKS))

    assert (scene.path, scene.preview, scene.blender) == (out, preview, "5.0.1")
    assert [(one.name, one.dimensions) for one in scene.objects] == [("fox", (1.0, 1.0, 2.0))]
    assert list(out.parent.iterdir()) == [out]
    assert list(preview.parent.iterdir()) == [preview]


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        ("sys.exit('RuntimeError: Error: Bad GLB\\n\\n')", r"\(exit code 1\): RuntimeError: Error: Bad GLB"),
        ("os.kill(os.getpid(), 11)", r"\(exit code -11\): it said nothing"),
        (WORKS.replace("BLENDER-v500", "nonsense"), r"no sound \.blend"),
        (WORKS.replace("x89PNG", "x89GIF"), r"no sound \.png"),
        (WORKS.replace("objects = [{", "objects = [] and [{"), "nothing to show"),
    ],
    ids=["an error", "a crash", "no scene", "no picture", "nothing in it"],
)
async def test_a_child_that_fails_is_told(task: Snapshot, tmp_path: Path, behaviour: str, told: str) -> None:
    """With its last words; no half scene is left."""
    out = tmp_path / "scenes" / "fox.blend"

    with pytest.raises(ImportFailed, match=told):
        await save_scene(task, out, preview=tmp_path / "fox.png", environ=python(tmp_path, behaviour))

    assert not out.exists()
    assert not (tmp_path / "fox.png").exists()


async def test_a_child_that_never_ends_is_stopped(task: Snapshot, tmp_path: Path) -> None:
    """At the time limit."""
    with pytest.raises(BlenderTimeout, match=r"within 0\.5 s"):
        await save_scene(task, tmp_path / "fox.blend", environ=python(tmp_path, "time.sleep(60)"), timeout=0.5)

    assert not (tmp_path / "fox.blend").exists()


async def test_a_child_ends_with_who_waits_for_it(task: Snapshot, tmp_path: Path) -> None:
    """A cancelled call leaves no process behind."""
    environ = python(tmp_path, f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid())); time.sleep(60)")
    making = asyncio.create_task(save_scene(task, tmp_path / "fox.blend", environ=environ))
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        await asyncio.sleep(0)

    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making

    assert not Path(f"/proc/{(tmp_path / 'pid').read_text()}").exists()


@pytest.mark.parametrize(
    ("out", "preview", "told"),
    [
        ("fox.glb", None, r"end in \.blend"),
        ("there.blend", None, "exists already"),
        ("fox.blend", "fox.jpg", r"end in \.png"),
        ("fox.blend", "there.png", "exists already"),
    ],
)
async def test_a_target_is_checked_first(
    task: Snapshot, tmp_path: Path, out: str, preview: str | None, told: str
) -> None:
    """Nothing is overwritten, and no child is started in vain."""
    for name in ("there.blend", "there.png"):
        (tmp_path / name).write_bytes(b"mine")

    with pytest.raises(UsageError, match=told):
        await save_scene(
            task,
            tmp_path / out,
            preview=None if preview is None else tmp_path / preview,
            environ=python(tmp_path, WORKS),
        )

    assert not (tmp_path / "python.seen").exists()
    assert (tmp_path / "there.blend").read_bytes() == b"mine"


async def test_a_place_that_cannot_be_written_is_told(task: Snapshot, tmp_path: Path) -> None:
    """The target's folder is a file here."""
    with pytest.raises(ArtifactError, match="cannot be written"):
        await save_scene(task, tmp_path / "model.glb" / "fox.blend", environ=python(tmp_path, WORKS))

    assert (tmp_path / "model.glb").read_bytes() == fox()


async def test_a_python_that_is_none_is_told(task: Snapshot, tmp_path: Path) -> None:
    """With the variable's name."""
    environ = {"TASKFERRY_BLENDER_PYTHON": str(tmp_path / "nothing")}

    with pytest.raises(BlenderUnreachable, match="TASKFERRY_BLENDER_PYTHON"):
        await save_scene(task, tmp_path / "fox.blend", environ=environ)


async def test_a_missing_library_is_told_with_what_to_install(
    task: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an environment of its own."""
    monkeypatch.setitem(sys.modules, "bpy", None)

    with pytest.raises(BlenderUnreachable, match="pip install bpy"):
        await save_scene(task, tmp_path / "fox.blend", environ={})
