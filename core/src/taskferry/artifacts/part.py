"""A file on its way: written beside its place under a name of its own, then put there whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from attrs import evolve

from taskferry.artifacts import remainder as remainders
from taskferry.artifacts.names import numbered
from taskferry.artifacts.partfiles import made, note_of, remove
from taskferry.artifacts.remainder import Remainder

_NO_LINKS = frozenset({errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_CHUNK = 1024 * 1024


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


class Part:
    """The `.part` file; leaving its block removes it unless it is left for later."""

    def __init__(self, folder: Path, name: str, held: tuple[Path, BinaryIO] | None = None) -> None:
        """Take a part that is locked, or make one in a folder that exists, for a name from `safe_name`."""
        self._folder = folder
        self._name = name
        self._hash = hashlib.sha256()
        self.path, self._file = held or made(folder, name)
        self.size = 0
        self.remainder: Remainder | None = None
        """What the rest can be asked for with; None where it has to come anew from its first byte."""
        self._stays = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if os.name == "nt":  # pragma: no cover -- Windows removes no open files
            self._file.close()
        try:
            if not self._stays:
                remove(self.path)  # while the lock is held, so that nobody takes it for one to go on with
        finally:
            self._file.close()

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

    def take_up(self) -> None:
        """Go on where an earlier process stopped, if it left enough to know that the rest belongs to it."""
        kept = remainders.read(self.path)
        if kept is None:
            self.restart()
            return
        # Of a file that is all there the last byte is asked for again: a range must not be empty.
        size = kept.size if kept.total is None else min(kept.size, kept.total - 1)
        self._file.truncate(size)
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            self._hash.update(chunk)
        self.size = size
        self.remainder = evolve(kept, size=size)

    def restart(self) -> None:
        """Forget all that came."""
        self._file.seek(0)
        self._file.truncate()
        self._hash = hashlib.sha256()
        self.size = 0
        self.remainder = None
        note_of(self.path).unlink(missing_ok=True)

    def checkpoint(self) -> None:
        """Make what came so far outlast this process and a power cut, where the rest can be asked for."""
        if self.remainder is not None and self.size:
            self.flush()
            self.remainder = evolve(self.remainder, size=self.size)
            remainders.write(self.path, self.remainder)

    def leave(self) -> None:
        """Keep the part for whoever goes on with it, where that is possible."""
        if self.remainder is not None and self.size:
            self.checkpoint()
            self._stays = True

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
        if os.name == "nt":  # pragma: no cover -- Windows renames no open files
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
