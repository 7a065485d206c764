"""Media types by file name, the same on every machine."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType

_KNOWN: Mapping[str, str] = MappingProxyType(
    {
        ".avif": "image/avif",
        ".bmp": "image/bmp",
        ".fbx": "model/fbx",
        ".flac": "audio/flac",
        ".gif": "image/gif",
        ".glb": "model/gltf-binary",
        ".gltf": "model/gltf+json",
        ".jpeg": "image/jpeg",
        ".jpg": "image/jpeg",
        ".m4a": "audio/mp4",
        ".mov": "video/quicktime",
        ".mp3": "audio/mpeg",
        ".mp4": "video/mp4",
        ".obj": "model/obj",
        ".ogg": "audio/ogg",
        ".ply": "model/ply",
        ".png": "image/png",
        ".stl": "model/stl",
        ".tif": "image/tiff",
        ".tiff": "image/tiff",
        ".usdz": "model/vnd.usdz+zip",
        ".wav": "audio/wav",
        ".webm": "video/webm",
        ".webp": "image/webp",
        ".3mf": "model/3mf",
    }
)


def media_type_of(name: str) -> str | None:
    """Guess a media type from a file's name; the machine's own table is asked only where ours is silent."""
    return _KNOWN.get(PurePath(name).suffix.lower()) or mimetypes.guess_type(name)[0]
