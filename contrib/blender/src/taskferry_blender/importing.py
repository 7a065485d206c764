"""Brings a kept model into an open Blender, through the add-on that Tripo's own server uses."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from taskferry import Snapshot
from taskferry_blender.addon import connected
from taskferry_blender.address import Address
from taskferry_blender.errors import BlenderReplyMalformed, ImportFailed
from taskferry_blender.imported import Imported, ImportedObject
from taskferry_blender.kept import checked_copy, kept_model
from taskferry_blender.serving import served

_COMMAND = "import_tripo_glb_model"
_NOT_FETCHED = (
    "Blender has not fetched the model from this machine. If a proxy is set where Blender runs, set NO_PROXY=127.0.0.1."
)


async def import_model(
    snapshot: Snapshot,
    *,
    artifact: str | None = None,
    address: Address | None = None,
    timeout: float = 120.0,
    environ: Mapping[str, str] | None = None,
) -> Imported:
    """Have an open Blender import a task's kept GLB, the one named `artifact` or the first.

    Blender gets the file that was kept, checked again, from this machine and never from the provider. It has `timeout`
    seconds. The address is that of the environment unless given. Raises UsageError, ArtifactError and BlenderErrors.
    """
    chosen = kept_model(snapshot, artifact)
    place = address or Address.from_environ(os.environ if environ is None else environ)
    with TemporaryDirectory(prefix="taskferry-") as folder:
        path = await asyncio.to_thread(checked_copy, chosen, Path(folder))
        async with connected(place) as blender, served(path, blender.own_host) as file:
            try:
                result = await blender.ask(_COMMAND, timeout, url=file.url)
            except ImportFailed as error:
                raise ImportFailed(str(error) if await file.was_fetched() else f"{error} {_NOT_FETCHED}") from error
            if not await file.was_fetched():
                raise BlenderReplyMalformed(f"Blender tells of a success, but it had nothing to import. {_NOT_FETCHED}")
    return Imported(artifact=chosen, objects=_objects(result))


def _objects(result: Mapping[str, object]) -> tuple[ImportedObject, ...]:
    models = result.get("models")
    if not isinstance(models, list):
        raise BlenderReplyMalformed("Blender's answer does not say what it imported. Look into Blender.")
    if not models:
        raise ImportFailed("Blender found nothing to show in the model.")
    return tuple(map(ImportedObject.read, models))
