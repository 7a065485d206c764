"""Files that clients have uploaded: their tokens, whose they are and what they hold."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from pathlib import PurePath

from attrs import define

IMAGE_SUFFIXES = ("jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff")
MODEL_SUFFIXES = ("glb", "gltf", "fbx", "obj", "stl", "3mf", "usdz")
KINDS: Mapping[str, str] = {**dict.fromkeys(IMAGE_SUFFIXES, "image"), **dict.fromkeys(MODEL_SUFFIXES, "model")}
MOST_BYTES: Mapping[str, int] = {"image": 20 * 1024 * 1024, "model": 150 * 1024 * 1024}

_MAGIC = (
    (re.compile(rb"\xff\xd8\xff|\x89PNG\r\n|BM|II\*\0|MM\0\*|RIFF....WEBP", re.DOTALL), "image"),
    (re.compile(rb"glTF|Kaydara FBX"), "model"),
)


@define(kw_only=True)
class Upload:
    """One file, or the place of one that has not come yet."""

    token: str
    account: str
    kind: str
    """`image` or `model`."""
    caption: str
    """Its name without the suffix; it may hold fault tokens."""
    arrived: bool


class Uploads:
    """All uploads of one stand-in; their bytes are not kept, for nothing is made from them."""

    def __init__(self) -> None:
        self._uploads: dict[str, Upload] = {}

    def add(self, account: str, kind: str, name: str, *, arrived: bool = True, prefix: str = "file_") -> Upload:
        """Give a new token for a file of this name."""
        token = f"{prefix}{uuid.uuid4()}"
        upload = Upload(token=token, account=account, kind=kind, caption=caption_of(name), arrived=arrived)
        self._uploads[token] = upload
        return upload

    def get(self, token: str, account: str | None = None) -> Upload | None:
        """Find an upload; None when there is none, or when it is another account's."""
        upload = self._uploads.get(token)
        return upload if upload is not None and account in (None, upload.account) else None


def caption_of(name: str) -> str:
    """Give the name of a file without folders and suffix."""
    return re.sub(r"\.[A-Za-z0-9]{1,5}$", "", PurePath(name).name)


def kind_of(content: bytes, name: str) -> str | None:
    """Tell what a file holds, by its first bytes or else by its name; None for what the service does not take."""
    for pattern, kind in _MAGIC:
        if pattern.match(content):
            return kind
    return KINDS.get(PurePath(name).suffix.lower().lstrip("."))
