"""Makes a scene file of a kept model without an open Blender: a child process uses Blender's library."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from taskferry import ArtifactError, Snapshot, UsageError, clean
from taskferry_blender import scene
from taskferry_blender.errors import BlenderTimeout, BlenderUnreachable, ImportFailed
from taskferry_blender.imported import ImportedObject, Scene
from taskferry_blender.kept import checked_copy, kept_model

PYTHON_VARIABLE = "TASKFERRY_BLENDER_PYTHON"
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH")
"""All that the child gets of the environment; keys are none of its business."""
_BEGINNINGS = {".blend": (b"BLENDER", b"\x28\xb5\x2f\xfd"), ".png": (b"\x89PNG\r\n\x1a\n",)}
"""How a sound file begins; a compressed scene is a Zstandard frame."""


async def save_scene(
    snapshot: Snapshot,
    out: Path,
    *,
    preview: Path | None = None,
    artifact: str | None = None,
    timeout: float = 300.0,
    environ: Mapping[str, str] | None = None,
) -> Scene:
    """Make a `.blend` of a task's kept GLB and, if `preview` says where, a PNG of 384 pixels a side.

    Neither overwrites a file. Blender has `timeout` seconds. Raises UsageError, ArtifactError and BlenderErrors.
    """
    surroundings = os.environ if environ is None else environ
    chosen = kept_model(snapshot, artifact)
    _check_target(out, ".blend")
    if preview is not None:
        _check_target(preview, ".png")
    python = blender_python(surroundings)
    with TemporaryDirectory(prefix="taskferry-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        order = {
            "model": str(await asyncio.to_thread(checked_copy, chosen, folder)),
            "scene": str(folder / "scene.blend"),
            "preview": None if preview is None else str(folder / "preview.png"),
            "report": str(folder / "report.json"),
            "pixels": 384,
            "samples": 16,
        }
        report = await _built(python, order, folder, timeout, surroundings)
        objects = tuple(map(ImportedObject.read, report["objects"]))
        if not objects:
            raise ImportFailed("Blender found nothing to show in the model.")
        targets = {folder / "scene.blend": out} | ({} if preview is None else {folder / "preview.png": preview})
        for made in targets:
            _check_sound(made)
        for made, target in targets.items():
            await asyncio.to_thread(_publish, made, target)
    return Scene(artifact=chosen, objects=objects, path=out, preview=preview, blender=clean(report["version"], 50))


def blender_python(environ: Mapping[str, str]) -> str:
    """Give the Python that has Blender's library; raise BlenderUnreachable if there is none."""
    named = environ.get(PYTHON_VARIABLE)
    if named:
        if shutil.which(named) is None:
            raise BlenderUnreachable(f"{PYTHON_VARIABLE} is {named}, which is no program.")
        return named
    if find_spec("bpy") is None:
        raise BlenderUnreachable(
            "Blender's library is not installed. Give it an environment of its own, since it wants an old NumPy: "
            "`python3.11 -m venv blender && blender/bin/pip install bpy`, and set "
            f"{PYTHON_VARIABLE}=blender/bin/python."
        )
    return sys.executable


def _check_target(path: Path, suffix: str) -> None:
    if path.suffix.lower() != suffix:
        raise UsageError(f"{path} has to end in {suffix}.")
    if path.exists():
        raise UsageError(f"{path} exists already, and nothing is overwritten: choose another name.")


async def _built(
    python: str, order: Mapping[str, Any], folder: Path, timeout: float, environ: Mapping[str, str]
) -> Mapping[str, Any]:
    """Run the child to its end, at most `timeout` seconds, and give its report."""
    passed = {name: environ[name] for name in _PASSED_ON if name in environ}
    log = folder / "log.txt"
    with log.open("wb") as output:
        child = await asyncio.create_subprocess_exec(
            python,
            "-I",
            str(scene.__file__),
            json.dumps(order),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=output,
            env={**passed, "BLENDER_USER_RESOURCES": str(folder)},  # neither settings nor add-ons of the user's
        )
        try:
            async with asyncio.timeout(timeout):
                code = await child.wait()
        except TimeoutError as error:
            raise BlenderTimeout(f"Blender has not made the scene within {timeout:g} s; it was stopped.") from error
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
    if code != 0:
        raise ImportFailed(f"Blender could not import the model (exit code {code}): {_last_line(log)}")
    return _read(Path(order["report"]))


def _read(path: Path) -> Mapping[str, Any]:
    report: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    return report


def _last_line(log: Path) -> str:
    lines = log.read_bytes()[-4000:].decode("utf-8", "replace").split("\n")
    return clean(next((line for line in reversed(lines) if line.strip()), "it said nothing"))


def _check_sound(made: Path) -> None:
    with made.open("rb") as file:
        if not file.read(8).startswith(_BEGINNINGS[made.suffix]):
            raise ImportFailed(f"Blender has written no sound {made.suffix} file.")


def _publish(made: Path, target: Path) -> None:
    """Put a made file in its place, whole or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".taskferry-", dir=target.parent) as folder:
            shutil.copyfile(made, Path(folder) / target.name).replace(target)
    except OSError as error:
        raise ArtifactError(f"{target} cannot be written: {error.strerror or error}.") from error
