"""Small whole files of each format, for tests that look at content."""

from __future__ import annotations

import io
import json
import struct
import zipfile

EBML_HEADER = b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm"


def png(width: int = 1, height: int = 1) -> bytes:
    """A PNG of one pixel, as far as anybody looks."""
    header = b"IHDR" + struct.pack(">II", width, height) + bytes(9)
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\r" + header + b"\x00\x00\x00\x00IEND\xaeB`\x82"


def jpeg() -> bytes:
    """A JPEG from its first mark to its last."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40) + b"\xff\xd9"


def riff(form: bytes, content: bytes = bytes(80)) -> bytes:
    """A RIFF file: `WEBP`, `WAVE`, `AVI `."""
    return b"RIFF" + struct.pack("<I", 4 + len(content)) + form + content


def mp4(brand: bytes = b"isom") -> bytes:
    """An ISO media file of three boxes."""
    return _box(b"ftyp", brand + bytes(12)) + _box(b"moov", bytes(30)) + _box(b"mdat", bytes(50))


def webm(content: bytes = bytes(40)) -> bytes:
    """A WebM file with one segment of told length."""
    return EBML_HEADER + b"\x18\x53\x80\x67" + bytes([0x80 | len(content)]) + content


def mp3(tag: bool = True) -> bytes:
    """An MP3, with an ID3 tag or from its first frame."""
    return (b"ID3\x04" + bytes(6) if tag else b"") + b"\xff\xfb\x90\x64" + bytes(400)


def glb(version: int = 2) -> bytes:
    """A GLB with an empty scene."""
    scene = json.dumps({"asset": {"version": "2.0"}}).encode()
    scene += b" " * (-len(scene) % 4)
    chunk = struct.pack("<I4s", len(scene), b"JSON") + scene
    return struct.pack("<4sII", b"glTF", version, 12 + len(chunk)) + chunk


def gltf() -> bytes:
    """A glTF with an empty scene."""
    return json.dumps({"asset": {"version": "2.0"}, "scenes": []}, indent=1).encode()


def fbx(version: int = 7400) -> bytes:
    """A binary FBX of two nodes."""
    width = "<Q" if version >= 7500 else "<I"
    content = b"Kaydara FBX Binary  \x00\x1a\x00" + struct.pack("<I", version)
    for _ in range(2):
        content += struct.pack(width, len(content) + 60) + bytes(60 - struct.calcsize(width))
    return content + bytes(25)


def archive(name: str = "textures/a.png") -> bytes:
    """A ZIP with one stored file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        packed.writestr(zipfile.ZipInfo(name), b"x" * 50)
    return held.getvalue()


def binary_stl() -> bytes:
    """An STL of two triangles."""
    return b"made by hand".ljust(80, b"\x00") + struct.pack("<I", 2) + bytes(100)


def pdf() -> bytes:
    """A PDF from its first mark to its last."""
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(20) + b"\n%%EOF\n"


OBJ = b"# by hand\nmtllib fox.mtl\no fox\nv 0.0 1.0 0.0\nv 1.0 0.0 0.0\nv 0 0 1\nf 1 2 3\n"
TEXT_STL = b"solid fox\n facet normal 0 0 1\n  outer loop\n"
HTML_PAGE = b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
XML_ERROR = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Expired</Message></Error>'
)


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content
