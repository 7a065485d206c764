"""The formats that are known by their content: suffix, name for people, and the kinds of artifact they can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from taskferry.task import Kind

HTML = "text/html"
XML = "application/xml"
JSON_TEXT = "application/json"
TEXT = "text/plain"
ZIP = "application/zip"


@frozen
class Format:
    """One media type as files and people know it."""

    suffix: str
    title: str
    """With its article, as in "model is a PNG image"."""


FORMATS: Mapping[str, Format] = {
    "image/png": Format(".png", "a PNG image"),
    "image/jpeg": Format(".jpg", "a JPEG image"),
    "image/webp": Format(".webp", "a WebP image"),
    "image/gif": Format(".gif", "a GIF image"),
    "image/avif": Format(".avif", "an AVIF image"),
    "image/heic": Format(".heic", "an HEIC image"),
    "image/jxl": Format(".jxl", "a JPEG XL image"),
    "image/bmp": Format(".bmp", "a BMP image"),
    "image/tiff": Format(".tiff", "a TIFF image"),
    "image/x-exr": Format(".exr", "an OpenEXR image"),
    "image/vnd.radiance": Format(".hdr", "a Radiance image"),
    "image/svg+xml": Format(".svg", "an SVG image"),
    "video/mp4": Format(".mp4", "an MP4 video"),
    "video/quicktime": Format(".mov", "a QuickTime video"),
    "video/webm": Format(".webm", "a WebM video"),
    "video/x-matroska": Format(".mkv", "a Matroska video"),
    "video/x-msvideo": Format(".avi", "an AVI video"),
    "audio/mpeg": Format(".mp3", "an MP3 recording"),
    "audio/aac": Format(".aac", "an AAC recording"),
    "audio/mp4": Format(".m4a", "an MP4 recording"),
    "audio/wav": Format(".wav", "a WAV recording"),
    "audio/ogg": Format(".ogg", "an Ogg recording"),
    "audio/flac": Format(".flac", "a FLAC recording"),
    "model/gltf-binary": Format(".glb", "a GLB model"),
    "model/gltf+json": Format(".gltf", "a glTF model"),
    "model/fbx": Format(".fbx", "an FBX model"),
    "model/obj": Format(".obj", "an OBJ model"),
    "model/stl": Format(".stl", "an STL model"),
    "model/ply": Format(".ply", "a PLY model"),
    "model/vnd.usda": Format(".usda", "a USD model"),
    "model/vnd.usd": Format(".usdc", "a USD model"),
    "model/vnd.usdz+zip": Format(".usdz", "a USDZ model"),
    "model/3mf": Format(".3mf", "a 3MF model"),
    "model/vnd.collada+xml": Format(".dae", "a COLLADA model"),
    "application/pdf": Format(".pdf", "a PDF document"),
    ZIP: Format(".zip", "a ZIP archive"),
    HTML: Format(".html", "an HTML page"),
    XML: Format(".xml", "an XML document"),
    JSON_TEXT: Format(".json", "a JSON document"),
    TEXT: Format(".txt", "plain text"),
}
"""By media type. FBX and PLY have none that is registered; they stand under `model/` like the rest."""

_BY_SUFFIX = {known.suffix: media_type for media_type, known in FORMATS.items()} | {
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".m4v": "video/mp4",
    ".oga": "audio/ogg",
    ".htm": HTML,
}

REFINED: Mapping[str, str] = {
    "audio/mp4": "video/mp4",
    "model/vnd.usdz+zip": ZIP,
    "model/3mf": ZIP,
}
"""Types whose content can look like that of a more general one; a name that says so is then believed."""

GENERAL = frozenset({TEXT, ZIP, XML, JSON_TEXT})
"""Types that are the outside of many others, so that a name says more than the content does."""

PAGES = frozenset({HTML, XML})
"""What servers send instead of a file when something went wrong."""

_FAMILIES: Mapping[Kind, tuple[str, ...]] = {
    Kind.IMAGE: ("image/",),
    Kind.VIDEO: ("video/", "image/gif"),
    Kind.AUDIO: ("audio/", "video/mp4", "video/webm"),
    Kind.MODEL: ("model/", ZIP),
    Kind.DOCUMENT: ("",),
    Kind.OTHER: ("",),
}
"""How a media type may begin. MP4 and WebM also hold sound alone; models come zipped with their textures."""


def fits(media_type: str, kind: Kind) -> bool:
    """Tell whether an artifact of this kind can be of this media type."""
    return media_type.startswith(_FAMILIES[kind])


def by_suffix(suffix: str) -> str | None:
    """Give the media type that a suffix, as `.png`, stands for."""
    return _BY_SUFFIX.get(suffix.lower())


def refined(found: str | None, claims: Iterable[str]) -> str | None:
    """Give the more special type if the content is of a general one and a claim names what it holds."""
    return next((claim for claim in claims if REFINED.get(claim) == found), found) if found else None
