"""Blender's own library, for real: a made GLB becomes a scene that Blender opens again, and a picture of it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from blender_add_on import model_task
from cli_keyboard import SPEED, set_up
from taskferry.sandbox import running
from taskferry_blender import Address, BlenderTimeout, ImportFailed, import_model, save_scene

PYTHON = os.environ.get("TASKFERRY_BLENDER_PYTHON") or (sys.executable if find_spec("bpy") else None)
pytestmark = [
    pytest.mark.blender,
    pytest.mark.skipif(PYTHON is None, reason="Blender's library is not here: `make blender` brings it"),
]

DESCRIBE = """
import json, sys, bpy
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
mesh = next(thing for thing in bpy.context.scene.objects if thing.type == "MESH")
images = [image for image in bpy.data.images if image.size[0]]
print("\\n" + json.dumps({
    "faces": len(mesh.data.polygons),
    "size": list(mesh.dimensions),
    "materials": len(mesh.data.materials),
    "packed": [bool(image.packed_file) for image in images],
}))
"""


def opened(scene: Path) -> Any:
    """Open a scene with Blender again and describe it."""
    command = [str(PYTHON), "-I", "-c", DESCRIBE, str(scene)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))


async def test_a_model_becomes_a_scene_and_a_picture(tmp_path: Path) -> None:
    """The mesh with its material and its texture inside the file; the picture shows something on nothing."""
    task = model_task(tmp_path)
    out, preview = tmp_path / "fox.blend", tmp_path / "fox.png"

    scene = await save_scene(task, out, preview=preview)

    (mesh,) = scene.objects
    found = opened(out)
    assert mesh.dimensions == pytest.approx(tuple(found["size"]), rel=1e-4)
    assert found["faces"] > 100
    assert found["materials"] == 1
    assert found["packed"]
    assert all(found["packed"])
    with Image.open(preview) as picture:
        alpha = picture.convert("RGBA").getchannel("A")
        shown = sum(alpha.histogram()[128:]) / (picture.width * picture.height)
        assert picture.size == (384, 384)
        assert 0.05 < shown < 0.95
        assert len(picture.convert("RGB").getcolors(384 * 384) or ()) > 100


async def test_an_open_blender_imports_what_it_is_served(tmp_path: Path) -> None:
    """Blender's own importer, and the HTTP client of the add-on, at the other end of the socket."""
    task = model_task(tmp_path)
    command = [str(PYTHON), "-I", str(Path(__file__).with_name("open_blender.py"))]

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as blender:
        assert blender.stdout is not None
        port = json.loads(blender.stdout.readline())["port"]
        imported = await import_model(task, address=Address(host="127.0.0.1", port=port), timeout=60)

    (mesh,) = imported.objects
    assert mesh.name == "geometry_0"
    assert mesh.dimensions is not None
    assert max(mesh.dimensions) == pytest.approx(1.0, rel=0.05)


async def test_what_blender_cannot_read_is_its_error(tmp_path: Path) -> None:
    """A file that begins as a GLB and is none gets past us, not past Blender."""
    content = b"glTF" + bytes(60)
    task = model_task(tmp_path, size=len(content), sha256=hashlib.sha256(content).hexdigest())
    (tmp_path / "model.glb").write_bytes(content)

    with pytest.raises(ImportFailed, match="Error"):
        await save_scene(task, tmp_path / "fox.blend")

    assert not (tmp_path / "fox.blend").exists()


async def test_the_real_child_is_stopped_at_its_time_limit(tmp_path: Path) -> None:
    """Blender takes over signals, so the one that stops it cannot be caught."""
    task = model_task(tmp_path)

    with pytest.raises(BlenderTimeout):
        await save_scene(task, tmp_path / "fox.blend", preview=tmp_path / "fox.png", timeout=0.3)

    assert not (tmp_path / "fox.blend").exists()


def test_a_job_goes_from_the_provider_into_a_scene_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the keyboard: run, then import."""
    with running({"tripo": "taskferry_tripo.sandbox:stand_in"}, speed=SPEED) as servers:
        keyboard = set_up(servers["tripo"], tmp_path, monkeypatch, capsys)
        (task,) = keyboard.json("run", "tripo/text-to-model", "prompt=a small red fox")["tasks"]

        document = keyboard.json("blender", "import", task["id"], "--headless", "--out", "fox.blend")

    assert document["out"] == "fox.blend"
    assert document["message"].startswith("Scene saved by Blender ")
    assert opened(tmp_path / "fox.blend")["faces"] > 1000
