"""The files that downloads are written to: one per artifact and folder, locked by whoever writes it."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import BinaryIO

from taskferry.ledger.locks import lock

NOTE = ".json"
"""Behind the name of a part: what is known about the rest of it."""
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Contender:
    """One that wants to write the part of an artifact, and may have to wait for another that does."""

    def __init__(self, folder: Path, name: str, key: str) -> None:
        """Open the part for a name from `safe_name`; `key` is 16 hexadecimal letters."""
        self._folder = folder
        self._name = name
        self.path = folder / f"{name}.{key}.part"
        self._file = self._opened()
        self.done: Path | None = None
        """The finished file, where the one that was waited for put it in its place."""

    def try_lock(self) -> BinaryIO | None:
        """Give the locked file; None while another has it, and for good once it is `done`."""
        try:
            held = lock(self._file.fileno())
        except OSError:
            return self._file_of_its_own()
        if not held:
            return None
        self._file.seek(0)  # taking the lock moves the place on Windows
        in_place, names = self._is_in_place(), os.fstat(self._file.fileno()).st_nlink
        if in_place and names == 1:
            return self._file
        if names:  # it was published; where it still is in place, a crash came before the end of its part
            self._look_for_it()
        if in_place:
            remove(self.path)
        self.close()
        if self.done is None:
            self._file = self._opened()
            return self.try_lock()
        return None

    def close(self) -> None:
        """Give up."""
        self._file.close()

    def _opened(self) -> BinaryIO:
        return os.fdopen(os.open(self.path, _FLAGS, 0o666), "r+b")

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self.path.lstat())
        except FileNotFoundError:
            return False

    def _look_for_it(self) -> None:
        """Find the place that the part was published at: it is the same file."""
        found = os.fstat(self._file.fileno())
        others = [place for place in self._folder.iterdir() if place.name != self.path.name]
        self.done = next((place for place in others if os.path.samestat(found, place.lstat())), None)

    def _file_of_its_own(self) -> BinaryIO:
        """Do without a lock where the file system has none: nobody shares, sweeps or resumes there."""
        self._file.close()
        if not self.path.stat().st_size:
            self.path.unlink()
        self.path, self._file = made(self._folder, self._name)
        return self._file


def made(folder: Path, name: str) -> tuple[Path, BinaryIO]:
    """Make a part that nobody else knows of, locked where that is possible."""
    while True:
        path = folder / f"{name}.{secrets.token_hex(8)}.part"
        file = path.open("x+b")
        try:
            held = lock(file.fileno())
        except OSError:
            held = True  # a file system without locks: nobody sweeps there
        file.seek(0)  # taking the lock moves the place on Windows
        if held and path.exists():
            return path, file
        file.close()  # another process took it for a leftover between its making and its lock


def sweep(folder: Path, name: str | None = None, *, keep: Path | None = None) -> int:
    """Remove the parts of one name, or of all, that nobody writes any more, but for `keep`; give the bytes freed.

    A live one holds a lock on its own.
    """
    pattern = re.compile(rf"{'.+' if name is None else re.escape(name)}\.[0-9a-f]{{16}}\.part", re.DOTALL)
    freed = 0
    for place in [entry for entry in folder.iterdir() if pattern.fullmatch(entry.name) and entry != keep]:
        try:
            with place.open("r+b") as file:
                found = os.fstat(file.fileno())
                # the one that was opened may have gone meanwhile, and a live one stand in its place
                if lock(file.fileno()) and os.path.samestat(found, place.lstat()):
                    freed += found.st_size
                    remove(place)
        except OSError:
            continue  # somebody else's file, gone by now, or a file system without locks: it harms nobody there
    for note in [entry for entry in folder.iterdir() if pattern.fullmatch(entry.name.partition(NOTE)[0])]:
        if NOTE in note.name and not note.with_name(note.name.partition(NOTE)[0]).exists():
            note.unlink(missing_ok=True)
    return freed


def remove(path: Path) -> None:
    """Remove a part and what is noted about it."""
    note_of(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def note_of(path: Path) -> Path:
    """Name the file beside a part."""
    return path.with_name(path.name + NOTE)
