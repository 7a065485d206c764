"""Files that were given for jobs and are kept in the home: which of them no open task needs any more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen

from taskferry.ledger.protocol import LedgerProtocol
from taskferry.parameters import local_file

FOLDER = "uploads"
"""Where they lie in the home: each in a folder of its own, under its own name."""
_LEAST_AGE = 86_400.0
"""Seconds that a file stays, whatever refers to it: it may stand in a form that is still open."""


@frozen(kw_only=True)
class Unneeded:
    """Files that may go, or went."""

    files: tuple[Path, ...] = ()
    size: int = 0
    """Bytes."""
    problems: tuple[str, ...] = field(default=())
    """Why some are still there."""


def unneeded(ledger: LedgerProtocol, home: Path) -> Unneeded:
    """Find the files that are older than a day and that no task refers to which has something left to do."""
    found = list(_files(home / FOLDER, time.time() - _LEAST_AGE))
    if not found:
        return Unneeded()
    needed = {path.resolve() for record in ledger.unfinished() for path in _named(record.job.parameters)}
    going = tuple(path for path in found if path.resolve() not in needed)
    return Unneeded(files=going, size=sum(path.lstat().st_size for path in going))


def remove(going: Unneeded) -> Unneeded:
    """Remove files; give those that went."""
    gone, problems, size = list[Path](), list[str](), 0
    for path in going.files:
        try:
            held = path.lstat().st_size
            path.unlink()
            if path.parent.name != FOLDER and not any(path.parent.iterdir()):
                path.parent.rmdir()
        except OSError as error:
            problems.append(f"{error.filename}: {error.strerror}.")
        else:
            gone.append(path)
            size += held
    return Unneeded(files=tuple(gone), size=size, problems=tuple(problems))


def _files(folder: Path, before: float) -> Iterator[Path]:
    """Give what lies there since before a time in epoch seconds, half-written files among them."""
    for path in sorted([*folder.glob("*"), *folder.glob("*/*")]):
        if path.is_file() and not path.is_symlink() and path.lstat().st_mtime < before:
            yield path


def _named(value: object) -> Iterator[Path]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _named(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _named(inner)
    elif (path := local_file(value)) is not None:
        yield path
