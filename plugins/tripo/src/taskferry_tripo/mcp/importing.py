"""The tool that brings a model into Blender, by way of the distribution `taskferry-blender`, which is optional."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from taskferry import ProfileAnswer, ProfileContext, ProfileTool, TaskferryError, UsageError, clean

_SEARCHED = 200
"""Tasks, the newest first, whose models an address may be of."""


async def import_tripo_glb_model(context: ProfileContext, arguments: Mapping[str, Any]) -> ProfileAnswer:
    """Import the GLB model of a Tripo task into the scene of an open Blender.

    Free. Needs Blender with its add-on's server running on this machine. Takes the pbr_model_url or model_url of
    get_task_status: the file that goes to Blender is the one that was kept and checked, so an old link does as well;
    an address that is no task's is refused and nothing is fetched from it. Not for FBX models.
    """
    blender = _blender()
    try:
        records = await context.recent(_SEARCHED, provider="tripo")
        snapshot, artifact = blender.model_at(arguments["glb_url"], [record.snapshot for record in records])
        task = await context.task(snapshot.id)
        if artifact.path is None:
            await task.save()
        imported = await blender.import_model(task.snapshot, artifact=artifact.name)
    except TaskferryError as error:
        return _failed(str(error))
    document = imported.document()
    return ProfileAnswer(text="\n".join(_lines(document)), structured=document)


def _blender() -> Any:
    """Give the package, or say how to get it."""
    try:
        return import_module("taskferry_blender")
    except ModuleNotFoundError as error:
        raise UsageError(
            "Importing into Blender needs the package taskferry-blender, which is not installed here: ask the user to "
            "run `pip install taskferry-blender`. The model itself is kept; get_task_status says where."
        ) from error


def _lines(document: Mapping[str, Any]) -> list[str]:
    if not document["models"]:
        return ["No models found in imported file"]
    return [
        "Successfully imported models:",
        *(f"• {clean(one['name'], 100)}{_size(one)}" for one in document["models"]),
    ]


def _size(model: Mapping[str, Any]) -> str:
    size = model.get("dimensions")
    return f" | Dimensions: {size['x']} x {size['y']} x {size['z']} meters" if size else ""


def _failed(reason: str) -> ProfileAnswer:
    text = f"Import failed: {clean(reason, 1000)}\nThis call bills nothing. No model has to be created again for it."
    return ProfileAnswer(text=text, is_error=True)


IMPORTING: Sequence[ProfileTool] = (
    ProfileTool(
        name="import_tripo_glb_model",
        title="Import model into Blender",
        handler=import_tripo_glb_model,
        parameters={
            "type": "object",
            "properties": {
                "glb_url": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 8000,
                    "description": "The pbr_model_url or model_url that get_task_status gave.",
                    "examples": ["https://example.com/tripo_pbr_model.glb"],
                }
            },
            "required": ["glb_url"],
            "additionalProperties": False,
        },
        read_only=False,
    ),
)
