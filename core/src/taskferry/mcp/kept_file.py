"""Reads a kept file whole, and only if it still is what the ledger says was kept."""

from __future__ import annotations

import hashlib

from taskferry.errors import ArtifactError, TaskferryError
from taskferry.task import Artifact
from taskferry.text import clean

MOST_BYTES = 32 * 1024 * 1024
"""Larger files are not sent: as base64 in one message they would be a third larger, and held several times."""


class FileTooLarge(TaskferryError):
    """A kept file is larger than what is sent in one message."""


class FileNotKept(ArtifactError):
    """A result has no kept file yet."""


def read_kept(artifact: Artifact) -> bytes:
    """Give a kept file's bytes; blocks.

    The sum, not the path, proves that it is the task's file: whatever else has come to lie there is never given out.
    Raises FileNotKept, FileTooLarge, or ArtifactError for a file that is gone or was changed.
    """
    path = artifact.path
    if path is None:
        raise FileNotKept(f"{clean(artifact.name, 100)} is not kept yet: call get_task, or download_task to fetch it.")
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}. download_task fetches it again.") from error
    if len(content) > MOST_BYTES:
        raise FileTooLarge(f"{path} is larger than {MOST_BYTES // 1024**2} MB, so it is not sent: open it where it is.")
    if hashlib.sha256(content).hexdigest() != artifact.sha256:
        raise ArtifactError(f"{path} is not the file that was kept any more. download_task fetches it again.")
    return content
