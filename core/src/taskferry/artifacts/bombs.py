"""Finds files that are small on the disk and would be enormous once somebody opens them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from taskferry.artifacts.limits import GIB, MIB, size_text

_MOST_PIXELS = 2**30
"""32,768 by 32,768; the largest pictures that providers sell have a quarter of that."""
_MOST_UNPACKED = 32 * GIB
_MOST_TIMES = 200
"""Bytes that one packed byte may become; what is worth packing hardly ever becomes 30."""
_UNPACKED_FREELY = 64 * MIB
_MOST_ENTRIES = 100_000
_LONGEST_DIRECTORY = 32 * MIB
_DIRECTORY_END = 22 + 65535


def danger(path: Path, media_type: str) -> str | None:
    """Say why a whole file of a media type should not be opened by anybody; None if nothing speaks against it."""
    check = _CHECKS.get(media_type)
    return None if check is None else check(path)


def _archive(path: Path) -> str | None:
    if (directory := _directory_size(path)) > _LONGEST_DIRECTORY:
        return f"its directory alone has {size_text(directory)}"
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError) as error:
        return f"its directory cannot be read ({error})"
    packed, unpacked = sum(entry.compress_size for entry in entries), sum(entry.file_size for entry in entries)
    outside = next((entry.filename for entry in entries if _leads_out(entry.filename)), None)
    if len(entries) > _MOST_ENTRIES:
        return f"it holds {len(entries)} files"
    if packed > path.stat().st_size:
        return "its files lie over each other"
    if unpacked > _MOST_UNPACKED or unpacked > max(_UNPACKED_FREELY, packed * _MOST_TIMES):
        return f"it unpacks from {size_text(packed)} to {size_text(unpacked)}"
    return None if outside is None else f"it would put a file outside of its folder ({outside[:80]!r})"


def _directory_size(path: Path) -> int:
    """Give the length that the end of a ZIP tells for its directory; 0 where that is told elsewhere or not at all."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _DIRECTORY_END))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    told = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    return 0 if told == 0xFFFFFFFF else told


def _leads_out(name: str) -> bool:
    windows = PureWindowsPath(name)
    return bool(windows.drive or windows.root) or ".." in (*PurePosixPath(name).parts, *windows.parts)


def _png(head: bytes) -> tuple[int, int] | None:
    if head[12:16] != b"IHDR":
        return None
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def _gif(head: bytes) -> tuple[int, int]:
    return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")


def _bmp(head: bytes) -> tuple[int, int]:
    width, height = (int.from_bytes(head[at : at + 4], "little", signed=True) for at in (18, 22))
    return abs(width), abs(height)


def _jpeg(head: bytes) -> tuple[int, int] | None:
    """Walk from segment to segment up to the one that tells the size; None if that lies behind the head."""
    at = 2
    while at + 9 < len(head) and head[at] == 0xFF:
        mark = head[at + 1]
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(head[at + 7 : at + 9], "big"), int.from_bytes(head[at + 5 : at + 7], "big")
        at += 1 if mark == 0xFF else 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


def _picture(size_of: Callable[[bytes], tuple[int, int] | None]) -> Callable[[Path], str | None]:
    def check(path: Path) -> str | None:
        with path.open("rb") as file:
            size = size_of(file.read(MIB))
        if size is None or size[0] * size[1] <= _MOST_PIXELS:
            return None
        return f"it unfolds to {size[0]:,} by {size[1]:,} pixels"

    return check


_CHECKS: Mapping[str, Callable[[Path], str | None]] = {
    "application/zip": _archive,
    "model/vnd.usdz+zip": _archive,
    "model/3mf": _archive,
    "image/png": _picture(_png),
    "image/gif": _picture(_gif),
    "image/bmp": _picture(_bmp),
    "image/jpeg": _picture(_jpeg),
}
