"""Copies kept files into another folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import evolve

from taskferry.artifacts.names import safe_name
from taskferry.artifacts.part import Part, make_folder
from taskferry.artifacts.partfiles import sweep
from taskferry.errors import ArtifactError
from taskferry.task import Artifact
from taskferry.text import clean

_CHUNK = 1024 * 1024


def copy_into(artifacts: Sequence[Artifact], folder: Path) -> list[Artifact]:
    """Copy kept files, each whole or not at all; give the artifacts with their new paths. Blocks.

    A file that is already there with the same content is used as it is, one with other content is not overwritten.
    Raises ArtifactError for a file that was not kept, is gone, or has changed since.
    """
    return [_copied(artifact, folder) for artifact in artifacts]


def _copied(artifact: Artifact, folder: Path) -> Artifact:
    origin, shown = artifact.path, clean(artifact.name, 100)
    if origin is None:
        state = "has not been kept yet" if artifact.sha256 is None else "was kept, and its file was removed since"
        raise ArtifactError(f"{shown} {state}, so there is nothing to copy: download it first.")
    name = safe_name(origin.stem)
    try:
        make_folder(folder)
        sweep(folder, name)
        with origin.open("rb") as file, Part(folder, name) as part:
            while chunk := file.read(_CHUNK):
                part.write(chunk)
            if artifact.sha256 not in (None, part.sha256):
                raise ArtifactError(f"{origin} is not the file that was kept any more: its SHA-256 is {part.sha256}.")
            part.flush()
            path = part.publish(origin.suffix)
            return evolve(artifact, path=path, size=part.size, sha256=part.sha256)
    except FileNotFoundError as error:
        raise ArtifactError(f"{shown} cannot be copied: {error.filename} is not there any more.") from error
    except OSError as error:
        raise ArtifactError(f"{shown} cannot be copied to {folder}: {error.strerror or error}.") from error
