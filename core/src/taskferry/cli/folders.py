"""Folders for results, checked before a job is paid for."""

from __future__ import annotations

import os
from pathlib import Path

from taskferry.errors import UsageError


def usable(folder: Path) -> Path:
    """Give a folder's absolute path; raise UsageError if files could not be put there. Nothing is made."""
    path = folder.expanduser().absolute()
    nearest = next(place for place in (path, *path.parents) if place.exists())
    if not nearest.is_dir():
        raise UsageError(f"{path} cannot be used: {nearest} is not a folder. Nothing was sent.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise UsageError(f"{path} cannot be used: {nearest} cannot be written. Nothing was sent.")
    return path
