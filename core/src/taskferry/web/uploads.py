"""Files that a person gives with a form: kept in the home's `uploads`, once each, for jobs to take them from."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from starlette.datastructures import UploadFile

from taskferry.artifacts.given import FOLDER
from taskferry.artifacts.names import safe_name
from taskferry.parameters import local_file

_CHUNK = 1024 * 1024


class Uploads:
    """The folder of given files; only what lies in it is sent to a provider."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    async def keep(self, upload: UploadFile) -> str:
        """Keep a file under its own name, beside no other, and give its `file:` URL."""
        return await asyncio.to_thread(self._kept, upload.file, upload.filename or "file")

    def holds(self, value: object) -> bool:
        """Tell whether a parameter is a file that was given here."""
        path = local_file(value)
        return path is not None and path.resolve().is_relative_to(self._folder.resolve())

    def _kept(self, source: BinaryIO, name: str) -> str:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest = hashlib.sha256()
        handle, temporary = tempfile.mkstemp(dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
            plain = Path(name.replace("\\", "/")).name
            place = self._folder / digest.hexdigest()[:32] / f"{safe_name(Path(plain).stem)}{_suffix(plain)}"
            place.parent.mkdir(mode=0o700, exist_ok=True)
            Path(temporary).replace(place)
        finally:
            Path(temporary).unlink(missing_ok=True)
        return place.as_uri()


def _suffix(name: str) -> str:
    suffix = Path(name).suffix
    return suffix if suffix[1:].isalnum() and suffix.isascii() else ""
