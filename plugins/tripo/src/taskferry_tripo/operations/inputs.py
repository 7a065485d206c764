"""The parameters that name something to begin from: a file, an address, an uploaded file's token, or another task."""

from __future__ import annotations

from typing import Any

from taskferry_tripo.operations.fields import Schema

MIB = 1024 * 1024
IMAGE_BYTES, MODEL_BYTES = 20 * MIB, 150 * MIB
"""Sources name 150 and 200 MB for models; the smaller one holds."""
MODEL_SUFFIXES = ("glb", "gltf", "fbx", "obj", "stl", "3mf", "usdz")
VIEWS = ("front", "left", "back", "right")

_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_NO_DATA: Schema = {
    "not": {
        "pattern": "^[dD][aA][tT][aA]:",
        "x-message": "Tripo takes no data: URL; give a file, an http(s) URL, a file token or a task id.",
    }
}
_NOT_OURS: Schema = {
    "not": {
        "pattern": "^[0-9a-hjkmnp-tv-z]{26}$",
        "x-message": "This is taskferry's own id; give the id that Tripo has for the task, such as"
        " 6ffdb041-55c6-4a16-8985-7cc3268a545b.",
    }
}
_NO_TASK: Schema = {
    "not": {
        "pattern": _UUID,
        "x-message": "Only a file is imported: give a local file, an http(s) URL or a `file_...` token, not a task.",
    }
}


def picture(description: str) -> dict[str, Any]:
    """Describe a picture: a local file, a public URL, a token of an uploaded file, or the id of a Tripo task."""
    return {
        "type": "string",
        "format": "media",
        "minLength": 1,
        "maxLength": 4096,
        "x-accepts": ["image/jpeg", "image/png", "image/webp"],
        "x-max-bytes": IMAGE_BYTES,
        "x-takes-ids": True,
        "allOf": [_NO_DATA, _NOT_OURS],
        "description": f"{description} A local JPEG, PNG or WebP of at most 20 MB, an http(s) URL that anyone can read,"
        " a `file_...` token, or the id of a Tripo task that made a picture. 20 to 6000 pixels a side, better 256 or"
        " more.",
        "examples": ["https://example.com/fox.png", "6ffdb041-55c6-4a16-8985-7cc3268a545b"],
    }


def pictures(description: str, low: int, high: int) -> dict[str, Any]:
    """Describe several pictures."""
    return {
        "type": "array",
        "items": picture("A picture."),
        "minItems": low,
        "maxItems": high,
        "description": description,
        "examples": [[f"https://example.com/{name}.png" for name in VIEWS[: max(low, 2)]]],
    }


def model(description: str) -> dict[str, Any]:
    """Describe a 3D model: the id of a Tripo task, a local file, a public URL, or a token of an uploaded file."""
    text = f"{description} The id of a Tripo task that made a model, or {_FILES}"
    return {**_model_file(text), "examples": ["6ffdb041-55c6-4a16-8985-7cc3268a545b", "https://example.com/fox.glb"]}


def model_file(description: str) -> dict[str, Any]:
    """Describe a 3D model that does not come from Tripo: a local file, a public URL, or a token of an uploaded file."""
    described = _model_file(f"{description} It is {_FILES}")
    return {**described, "allOf": [*described["allOf"], _NO_TASK], "examples": ["https://example.com/fox.glb"]}


def task(description: str, *, made_by: str) -> dict[str, Any]:
    """Describe a task that another one goes on from, where Tripo takes nothing else."""
    only = f"Only the id of a Tripo task is taken here, one of {made_by}; not a file, a URL or a token."
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": 200,
        "allOf": [{"not": {"pattern": "^([hH][tT][tT][pP][sS]?:|[fF][iI][lL][eE][:_]|[dD][aA][tT][aA]:)"}}, _NOT_OURS],
        "x-message": only,
        "description": f"{description} The id of a successful Tripo task of {made_by}.",
        "examples": ["6ffdb041-55c6-4a16-8985-7cc3268a545b"],
    }


_FILES = (
    f"a local {', '.join(MODEL_SUFFIXES[:-1]).upper()} or {MODEL_SUFFIXES[-1].upper()} file of at most 150 MB, an"
    " http(s) URL that anyone can read, or a `file_...` token."
)


def _model_file(description: str) -> dict[str, Any]:
    return {
        "type": "string",
        "format": "media",
        "minLength": 1,
        "maxLength": 4096,
        "x-max-bytes": MODEL_BYTES,
        "x-takes-ids": True,
        "allOf": [_NO_DATA, _NOT_OURS, _NO_BARE_NAME, _KNOWN_SUFFIX],
        "description": description,
    }


def _any_case(suffix: str) -> str:
    """Spell a pattern that takes capital and small letters; JSON Schema has no flag for it."""
    return "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in suffix)


_SUFFIXES = rf"\.({'|'.join(map(_any_case, MODEL_SUFFIXES))})$"
_KNOWN_SUFFIX: Schema = {
    "if": {"pattern": "^file:"},
    "then": {"pattern": _SUFFIXES, "x-message": f"A local model is one of: {', '.join(MODEL_SUFFIXES)}."},
}
_NO_BARE_NAME: Schema = {
    "not": {
        "pattern": rf"^[^:]*{_SUFFIXES}",
        "x-message": "This is neither a URL nor a task; for a local file write source=@PATH.",
    }
}
