"""Brings kept models into Blender: an open one, through its add-on, or a scene file, with Blender's library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taskferry_blender.address import Address
    from taskferry_blender.errors import (
        BlenderError,
        BlenderReplyMalformed,
        BlenderTimeout,
        BlenderUnreachable,
        ImportFailed,
    )
    from taskferry_blender.headless import save_scene
    from taskferry_blender.imported import Imported, ImportedObject, Scene
    from taskferry_blender.importing import import_model
    from taskferry_blender.kept import kept_model, model_at

_HOMES = {
    "Address": "address",
    "BlenderError": "errors",
    "BlenderReplyMalformed": "errors",
    "BlenderTimeout": "errors",
    "BlenderUnreachable": "errors",
    "ImportFailed": "errors",
    "Imported": "imported",
    "ImportedObject": "imported",
    "Scene": "imported",
    "import_model": "importing",
    "kept_model": "kept",
    "model_at": "kept",
    "save_scene": "headless",
}
"""Every public name by its module: plugins are imported for many commands, and asyncio is not needed for that."""

__all__ = [
    "Address",
    "BlenderError",
    "BlenderReplyMalformed",
    "BlenderTimeout",
    "BlenderUnreachable",
    "ImportFailed",
    "Imported",
    "ImportedObject",
    "Scene",
    "import_model",
    "kept_model",
    "model_at",
    "save_scene",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'taskferry_blender' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"taskferry_blender.{_HOMES[name]}"), name)
