"""A file on its way: written beside its place under a name of its own, then put there whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from taskferry.artifacts.names import numbered
from taskferry.ledger.locks import lock

_NO_LINKS = frozenset({errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, so that they outlast a power cut."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for place in missing:
        sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Make new names in a folder outlast a power cut, where the system can."""
    if os.name == "nt":  # pragma: no cover -- Windows opens no folders
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sweep(folder: Path, name: str) -> None:
    """Remove the parts of one name that processes left which are gone; a live one holds a lock on its own."""
    pattern = re.compile(re.escape(name) + r"\.[0-9a-f]{16}\.part")
    for place in [entry for entry in folder.iterdir() if pattern.fullmatch(entry.name)]:
        try:
            with place.open("r+b") as file:
                if lock(file.fileno()):
                    place.unlink()
        except OSError:
            continue  # somebody else's file, gone by now, or a file system without locks: it harms nobody there


class Part:
    """The `.part` file; leaving its block removes it unless it was published."""

    def __init__(self, folder: Path, name: str) -> None:
        """Make it in a folder that exists, for a name from `safe_name`."""
        self._folder = folder
        self._name = name
        self._hash = hashlib.sha256()
        self.path, self._file = _created(folder, name)
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
        finally:  # closing writes what was buffered, for which there may be no space
            self.path.unlink(missing_ok=True)

    @property
    def sha256(self) -> str:
        """Give the SHA-256 of what was written, in hexadecimal."""
        return self._hash.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Add bytes."""
        self._file.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)

    def flush(self) -> None:
        """Bring what was written onto the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def publish(self, suffix: str) -> Path:
        """Give the flushed file its name, or a numbered one where that is taken; reuse a file with the same content."""
        for name in numbered(self._name, suffix):
            place = self._folder / name
            if self._placed(place) or self._is_at(place):
                sync_folder(self._folder)
                return place
        raise AssertionError("The numbers do not end.")

    def _placed(self, place: Path) -> bool:
        """Put the file at a free place; linking, unlike renaming, never takes one that is not free."""
        try:
            os.link(self.path, place)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            return self._renamed(place)
        return True

    def _renamed(self, place: Path) -> bool:
        """Do the same where the file system has no links: an empty file takes the place, the part replaces that."""
        try:
            os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:
            return False
        self._file.close()
        try:
            self.path.replace(place)
        except OSError:
            place.unlink()
            raise
        return True

    def _is_at(self, place: Path) -> bool:
        if place.is_symlink() or not place.is_file():
            return False
        return place.stat().st_size == self.size and sha256_of(place) == self.sha256


def _created(folder: Path, name: str) -> tuple[Path, BinaryIO]:
    while True:
        path = folder / f"{name}.{secrets.token_hex(8)}.part"
        file = path.open("xb")
        try:
            held = lock(file.fileno())
        except OSError:
            held = True  # a file system without locks: nobody sweeps there
        file.seek(0)  # taking the lock moves the place on Windows
        if held and path.exists():
            return path, file
        file.close()  # another process took it for a leftover between its making and its lock
