"""`taskferry blender import`: a kept model into Blender."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from taskferry import UsageError

if TYPE_CHECKING:
    from taskferry import Snapshot


@click.group("blender", short_help="Bring kept 3D models into Blender.")
def blender() -> None:
    """Bring kept 3D models into Blender."""


@blender.command("import", short_help="Import the model of a task.")
@click.argument("task_id", metavar="ID")
@click.option("--artifact", metavar="NAME", help="Which model, if the task has several; the first without it.")
@click.option("--headless", is_flag=True, help="Use Blender's library, not an open Blender; needs --out.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.blend", help="The scene file.")
@click.option("--preview", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.png", help="A picture of it.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="Seconds for Blender; 120, headless 300.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
def import_command(
    task_id: str,
    artifact: str | None,
    headless: bool,
    out: Path | None,
    preview: Path | None,
    timeout: float | None,
    as_json: bool,
) -> int:
    """Import the kept GLB of a task into Blender; files that are not kept yet are fetched first.

    An open Blender has to run the server of its add-on: at localhost:9876, or where BLENDER_HOST and BLENDER_PORT say.
    With --headless a scene file is made with Blender's library (`pip install bpy`) instead; TASKFERRY_BLENDER_PYTHON
    names the Python that has it, if it is another.
    """
    if headless != (out is not None) or (preview is not None and not headless):
        raise UsageError("--headless and --out FILE.blend go together; --preview needs both.")
    work: Coroutine[Any, Any, dict[str, Any]]
    if out is None:
        work = _into_open(task_id, artifact, timeout or 120.0)
    else:
        work = _into_file(task_id, artifact, out, preview, timeout or 300.0)
    import asyncio  # here and below: nothing heavy for the list of commands

    found = asyncio.run(work)
    click.echo(json.dumps(found, indent=2) if as_json else _told(found))
    return 0


async def _into_open(task_id: str, artifact: str | None, timeout: float) -> dict[str, Any]:
    from taskferry_blender.importing import import_model

    snapshot = await _kept(task_id)
    imported = await import_model(snapshot, artifact=artifact, timeout=timeout)
    return {"id": snapshot.id, "artifact": imported.artifact.name, **imported.document(), "out": None, "preview": None}


async def _into_file(
    task_id: str, artifact: str | None, out: Path, preview: Path | None, timeout: float
) -> dict[str, Any]:
    from taskferry_blender.headless import save_scene

    snapshot = await _kept(task_id)
    scene = await save_scene(snapshot, out, preview=preview, artifact=artifact, timeout=timeout)
    return {
        "id": snapshot.id,
        "artifact": scene.artifact.name,
        "status": "success",
        "message": f"Scene saved by Blender {scene.blender}",
        "models": [one.document() for one in scene.objects],
        "out": str(scene.path),
        "preview": None if scene.preview is None else str(scene.preview),
    }


async def _kept(task_id: str) -> Snapshot:
    """Give a task as the ledger has it; fetch the files of one that has succeeded and lacks them."""
    from taskferry import Ferry

    async with Ferry(caller="cli") as ferry:
        task = await ferry.task(task_id)
        if task.snapshot.status.ok and not task.snapshot.kept:
            await task.save()
        return task.snapshot


def _told(found: dict[str, Any]) -> str:
    lines = [f"{found['message']}: {found['artifact']} of {found['id']}"]
    for one in found["models"]:
        sizes = one["dimensions"]
        shown = " x ".join(f"{size:.3g}" for size in sizes.values()) if sizes else "size unknown"
        lines.append(f"  {one['name']}  {shown}")
    return "\n".join([*lines, *(f"  {found[place]}" for place in ("out", "preview") if found[place])])
