"""Keeps artifacts as files: streamed beside their place, checked, and put there whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from attrs import evolve

from taskferry.artifacts.checking import check
from taskferry.artifacts.names import folder_for, safe_name
from taskferry.artifacts.part import Part, make_folder, sweep
from taskferry.artifacts.source import Source, opened
from taskferry.clock import Clock
from taskferry.errors import ArtifactError, ArtifactGone, CallForbidden, WireError
from taskferry.ledger.record import Record
from taskferry.task import Artifact, Kind
from taskferry.transport import Transport, Wire

_MIB = 1024 * 1024
LIMITS: Mapping[Kind, int] = {
    Kind.IMAGE: 512 * _MIB,
    Kind.VIDEO: 16 * 1024 * _MIB,
    Kind.AUDIO: 2 * 1024 * _MIB,
    Kind.MODEL: 4 * 1024 * _MIB,
    Kind.DOCUMENT: 512 * _MIB,
    Kind.OTHER: 16 * 1024 * _MIB,
}
"""Most bytes of one file: far above what any provider makes, so that no broken or hostile server fills the disk."""


class Store:
    """Brings artifacts to disk."""

    def __init__(self, transport: Transport, folder: Path, *, clock: Clock) -> None:
        """Fetch over `transport`; `folder` takes the files of tasks that name no folder of their own."""
        self.folder = folder
        self._transport = transport
        self._clock = clock

    def place(self, record: Record) -> Path:
        """Give the folder that a task's files go to."""
        asked = record.job.folder
        return self.folder / record.id if asked is None else folder_for(asked, record)

    async def keep(self, artifact: Artifact, folder: Path, *, wire: Wire) -> Artifact:
        """Fetch an artifact into a folder; give it with path, size, sha256 and the media type of its content.

        Nothing that is there is overwritten, and a file with the same content is used again. Raises ArtifactGone when
        a new look at the task is needed, CallForbidden for a key that would go to a foreign host, ArtifactError for all
        else; nothing is left behind then.
        """
        if artifact.expires_at is not None and artifact.expires_at <= self._clock.now():
            raise ArtifactGone(f"{artifact.name} is no longer served: its address has expired. Look at the task again.")
        try:
            async with opened(artifact, self._transport, wire) as source:
                return await _kept(artifact, folder, source)
        except CallForbidden:
            raise
        except WireError as error:
            raise ArtifactError(f"{artifact.name} could not be fetched: {error}") from error
        except OSError as error:
            raise ArtifactError(
                f"{artifact.name} could not be written to {folder}: {error.strerror or error}."
            ) from error


async def _kept(artifact: Artifact, folder: Path, source: Source) -> Artifact:
    name = safe_name(artifact.name)
    _check_size(artifact, source.length or 0)
    await asyncio.to_thread(_prepare, folder, name)
    with Part(folder, name) as part:
        await _receive(artifact, source, part)
        await asyncio.to_thread(part.flush)
        checked = await asyncio.to_thread(check, part.path, artifact, source.urls, source.declared)
        path = await asyncio.to_thread(part.publish, checked.suffix)
        media_type = checked.media_type or artifact.media_type
        return evolve(artifact, path=path, size=part.size, sha256=part.sha256, media_type=media_type)


def _prepare(folder: Path, name: str) -> None:
    make_folder(folder)
    sweep(folder, name)


async def _receive(artifact: Artifact, source: Source, part: Part) -> None:
    async for chunk in source.chunks:
        part.write(chunk)
        _check_size(artifact, part.size)
    if not part.size:
        raise ArtifactError(f"{artifact.name} is empty. Fetch it again; if it stays so, ask the provider.")
    if source.length is not None and source.length != part.size:
        raise ArtifactError(
            f"{artifact.name} did not come whole: {part.size} of {source.length} bytes. Fetch it again."
        )


def _check_size(artifact: Artifact, size: int) -> None:
    limit = LIMITS[artifact.kind]
    if size > limit:
        raise ArtifactError(
            f"{artifact.name} is larger than the {limit // _MIB} MiB that one {artifact.kind} may have."
        )
