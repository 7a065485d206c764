"""Tells whether a file is whole, where its format says how long it is or how it ends."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Mapping
from pathlib import Path

_UNTOLD = 0x7FFF0000
"""A RIFF length from here on was written by a program that did not know it, and so says nothing."""


def shortfall(path: Path, media_type: str) -> str | None:
    """Say what a file that is not empty lacks; None for a whole one and for formats that do not tell."""
    check = _CHECKS.get(media_type)
    if check is None:
        return None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return check(content)


def _number(content: mmap.mmap, start: int, length: int = 4) -> int:
    return int.from_bytes(content[start : start + length], "little")


def _glb(content: mmap.mmap) -> str | None:
    version, told = _number(content, 4), _number(content, 8)
    if version != 2:
        return f"it is of GLB version {version}, not 2"
    if told != len(content):
        return f"it should have {told} bytes and has {len(content)}"
    scene = _number(content, 12)
    return None if content[16:20] == b"JSON" and 20 + scene <= told else "it has no scene (the chunk JSON)"


def _riff(content: mmap.mmap) -> str | None:
    told = _number(content, 4) + 8
    return f"it should have {told} bytes and has {len(content)}" if len(content) < told < _UNTOLD else None


def _iso_media(content: mmap.mmap) -> str | None:
    boxes, at = _boxes(content)
    if at > len(content):
        return f"it should have at least {at} bytes and has {len(content)}"
    # Films and recordings have `moov`, pictures `meta`; a player that finds neither has nothing to play.
    return None if {b"moov", b"meta"} & boxes else "its index is missing (the box moov)"


def _boxes(content: mmap.mmap) -> tuple[set[bytes], int]:
    """Give the names of the outermost boxes, and where the last one ends."""
    names: set[bytes] = set()
    at = 0
    while at + 8 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(content[at + 8 : at + 16], "big")
        names.add(content[at + 4 : at + 8])
        if length < 8:  # 0: up to the end of the file; anything else is padding behind the last box
            return names, len(content)
        at += length
    return names, at


def _matroska(content: mmap.mmap) -> str | None:
    header, told = _element(content, 4)
    segment = header + (told or 0)
    if content[segment : segment + 4] != b"\x18\x53\x80\x67":  # something else stands before the segment
        return None
    start, length = _element(content, segment + 4)
    if length is None or start + length <= len(content):
        return None
    return f"it should have {start + length} bytes and has {len(content)}"


def _element(content: mmap.mmap, at: int) -> tuple[int, int | None]:
    """Read an EBML length: where what it measures begins, and how long that is, None if that was left open."""
    first = content[at] if at < len(content) else 0
    width = 9 - first.bit_length()
    length = int.from_bytes(content[at : at + width], "big") & (1 << 7 * width) - 1
    return at + width, None if length == (1 << 7 * width) - 1 else length


def _fbx(content: mmap.mmap) -> str | None:
    if content[:18] != b"Kaydara FBX Binary":
        return None
    width = 8 if _number(content, 23) >= 7500 else 4
    at = 27
    while at + width <= len(content):
        following = _number(content, at, width)
        if following <= at:  # 0 ends the list of nodes
            return None
        at = following
    return f"it should have at least {at} bytes and has {len(content)}"


def _png(content: mmap.mmap) -> str | None:
    if content[12:16] != b"IHDR" or not content[16:24].strip(b"\x00"):
        return "its header is missing (the chunk IHDR)"
    return None if content.rfind(b"IEND") >= 0 else "its end is missing (the chunk IEND)"


def _ends_with(mark: bytes, name: str, within: int | None = None) -> Callable[[mmap.mmap], str | None]:
    def check(content: mmap.mmap) -> str | None:
        start = 0 if within is None else max(0, len(content) - within)
        return None if content.rfind(mark, start) >= 0 else f"its end is missing ({name})"

    return check


def _closed_text(content: mmap.mmap) -> str | None:
    return None if content[-1024:].rstrip().endswith(b"}") else "its end is missing (the closing brace)"


_zip = _ends_with(b"PK\x05\x06", "the directory of the archive", 22 + 65535)

_CHECKS: Mapping[str, Callable[[mmap.mmap], str | None]] = {
    "model/gltf-binary": _glb,
    "model/gltf+json": _closed_text,
    "model/fbx": _fbx,
    "model/vnd.usdz+zip": _zip,
    "model/3mf": _zip,
    "application/zip": _zip,
    "application/pdf": _ends_with(b"%%EOF", "the mark %%EOF"),
    "image/png": _png,
    "image/jpeg": _ends_with(b"\xff\xd9", "the mark EOI"),
    "image/webp": _riff,
    "image/avif": _iso_media,
    "image/heic": _iso_media,
    "audio/wav": _riff,
    "audio/mp4": _iso_media,
    "video/x-msvideo": _riff,
    "video/mp4": _iso_media,
    "video/quicktime": _iso_media,
    "video/webm": _matroska,
    "video/x-matroska": _matroska,
}
