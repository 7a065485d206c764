"""The smallest whole file of each kind, for results that are fetched."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from types import MappingProxyType

from taskferry.task import Kind


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\xff\x80\0"))
    + _chunk(b"IEND", b"")
)
"""One orange pixel."""
_MP4 = _box(b"ftyp", b"isom" + bytes(12)) + _box(b"moov", bytes(30)) + _box(b"mdat", bytes(50))
_WAV = b"RIFF" + struct.pack("<I", 4 + 80) + b"WAVE" + bytes(80)
_SCENE = b'{"asset":{"version":"2.0"}} '
_GLB = struct.pack("<4sII", b"glTF", 2, 20 + len(_SCENE)) + struct.pack("<I4s", len(_SCENE), b"JSON") + _SCENE

FILES: Mapping[Kind, tuple[str, bytes]] = MappingProxyType(
    {
        Kind.IMAGE: ("image/png", PNG),
        Kind.VIDEO: ("video/mp4", _MP4),
        Kind.AUDIO: ("audio/wav", _WAV),
        Kind.MODEL: ("model/gltf-binary", _GLB),
        Kind.DOCUMENT: ("application/json", b'{"made": true}'),
        Kind.OTHER: ("application/octet-stream", b"made"),
    }
)
"""Media type and content by kind."""
