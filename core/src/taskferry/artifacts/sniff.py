"""Tells what a file is from its content, whatever its name or its server says."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence

from taskferry.artifacts.formats import HTML, JSON_TEXT, TEXT, XML, ZIP

HEAD = 64 * 1024
"""Bytes from the beginning that are enough to tell."""

_MAGIC: Sequence[tuple[bytes, str]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x00\x00\x00\x0cJXL ", "image/jxl"),
    (b"\xff\x0a", "image/jxl"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"v/1\x01", "image/x-exr"),
    (b"#?RADIANCE", "image/vnd.radiance"),
    (b"glTF", "model/gltf-binary"),
    (b"Kaydara FBX Binary", "model/fbx"),
    (b"; FBX ", "model/fbx"),
    (b"ply\n", "model/ply"),
    (b"ply\r", "model/ply"),
    (b"#usda ", "model/vnd.usda"),
    (b"PXR-USDC", "model/vnd.usd"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"%PDF-", "application/pdf"),
)

_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
}
"""By the major brand of an ISO media file; every other one is MP4."""
_OLD_QUICKTIME = (b"moov", b"mdat", b"wide")

_TEXTS: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"<!doctype html|<(html|head|body|title)\b|<\?xml[^>]*>\s*<!doctype html", re.IGNORECASE), HTML),
    (re.compile(r"(<\?xml|<!--|<!doctype svg|<svg\b)(?s:.){0,2000}<svg\b|<svg\b", re.IGNORECASE), "image/svg+xml"),
    (re.compile(r"(<\?xml(?s:.){0,500})?<COLLADA\b"), "model/vnd.collada+xml"),
    (re.compile(r"<\?xml|<[A-Za-z][\w:.-]*[\s/>]"), XML),
    (re.compile(r'\{(?s:.)*?"(asset"\s*:\s*\{|accessors"\s*:\s*\[|bufferViews"\s*:\s*\[)'), "model/gltf+json"),
    (re.compile(r'\{\s*["}]|\[\s*[\]{\["0-9tfn-]'), JSON_TEXT),
    (re.compile(r"solid\b(?s:.){0,500}?\bfacet normal\b"), "model/stl"),
    (re.compile(r"(?s:.)*^v\s+-?\d\S*\s+-?\d\S*\s+-?\d", re.MULTILINE), "model/obj"),
)
"""Matched at the first character that is not white space; the first that fits counts."""
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def recognise(head: bytes, size: int) -> str | None:
    """Give the media type of a file, from its first `HEAD` bytes and its size; None for a format not known here."""
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    found = (look(head, size) for look in _LOOKS)
    return next((media_type for media_type in found if media_type), None)


def text_of(head: bytes) -> str | None:
    """Give the beginning of a file as text; None if it is not text."""
    encoding = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return None
    return None if _NOT_TEXT.search(text) else text


def _riff(head: bytes, _size: int) -> str | None:
    return _RIFF.get(head[8:12]) if head[:4] in (b"RIFF", b"RF64") else None


def _iso_media(head: bytes, _size: int) -> str | None:
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    return "video/quicktime" if head[4:8] in _OLD_QUICKTIME else None


def _matroska(head: bytes, _size: int) -> str | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return "video/webm" if b"webm" in head[:64] else "video/x-matroska"


def _zip(head: bytes, _size: int) -> str | None:
    if not head.startswith(b"PK\x03\x04"):
        return None
    first_name = head[30 : 30 + int.from_bytes(head[26:28], "little")].lower()
    return "model/vnd.usdz+zip" if first_name.endswith((b".usdc", b".usda", b".usd")) else ZIP


def _text(head: bytes, _size: int) -> str | None:
    text = text_of(head)
    if text is None:
        return None
    beginning = text.lstrip()
    return next((media_type for pattern, media_type in _TEXTS if pattern.match(beginning)), TEXT)


def _mpeg_audio(head: bytes, _size: int) -> str | None:
    frame = head.lstrip(b"\x00")[:4]
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return None
    layer, version, bitrate, rate = frame[1] >> 1 & 3, frame[1] >> 3 & 3, frame[2] >> 4, frame[2] >> 2 & 3
    if layer == 0:
        return "audio/aac" if version >= 2 and frame[1] & 0xF0 == 0xF0 else None
    return "audio/mpeg" if version != 1 and bitrate != 15 and rate != 3 else None


def _bmp(head: bytes, size: int) -> str | None:
    return "image/bmp" if head[:2] == b"BM" and int.from_bytes(head[2:6], "little") == size else None


def _binary_stl(head: bytes, size: int) -> str | None:
    triangles = int.from_bytes(head[80:84], "little")
    return "model/stl" if triangles and size == 84 + 50 * triangles else None


_LOOKS: Sequence[Callable[[bytes, int], str | None]] = (
    _riff, _iso_media, _matroska, _zip, _bmp, _text, _mpeg_audio, _binary_stl,
)  # fmt: skip
