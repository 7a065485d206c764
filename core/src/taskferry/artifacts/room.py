"""Whether there is room for a file: on the disk, and in the store if that has a bound."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from taskferry.artifacts.limits import MIB, size_text
from taskferry.errors import ArtifactError

_SPARE = 16 * MIB
"""Bytes that are left to the ledger, which needs them to say what became of the task."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def check_disk(name: str, folder: Path, size: int) -> None:
    """Raise ArtifactError if so many bytes more would fill the disk that an existing folder is on."""
    free = shutil.disk_usage(folder).free
    if size + _SPARE > free:
        raise ArtifactError(
            f"{name} needs {size_text(size)}, and there are {size_text(free)} left where {folder} is, "
            f"of which {size_text(_SPARE)} are kept free for the ledger. Make room "
            "(`taskferry gc` removes old files), then fetch it again."
        )


def check_store(name: str, store: Path, folder: Path, size: int, most: int | None) -> None:
    """Raise ArtifactError if so many bytes more would outgrow the store's bound; other folders have none."""
    if most is None or not folder.is_relative_to(store):
        return
    held = tree_size(store)
    if held + size > most:
        raise ArtifactError(
            f"{name} needs {size_text(size)}, and {store} holds {size_text(held)} of the {size_text(most)} that "
            "TASKFERRY_MAX_STORE allows. Raise that or remove old files with `taskferry gc`, then fetch it again."
        )


def tree_size(folder: Path) -> int:
    """Give the bytes of all files below a folder; none where there is no such folder."""
    return sum(_size(Path(place, name)) for place, _, names in os.walk(folder) for name in names)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:  # somebody else removed it just now
        return 0
