"""Media types by suffix: what Tripo serves and takes, told alike on every machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

MEDIA_TYPES: Mapping[str, str] = {
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
    ".obj": "model/obj",
    ".stl": "model/stl",
    ".3mf": "model/3mf",
    ".usdz": "model/vnd.usdz+zip",
    ".webp": "image/webp",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".mp4": "video/mp4",
    ".zip": "application/zip",
}


def media_type(path: PurePath) -> str | None:
    """Give the media type that a name stands for; None for one that has none, such as FBX."""
    return MEDIA_TYPES.get(path.suffix.lower())
