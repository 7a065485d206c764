"""Keeps artifacts as files: streamed beside their place, checked, and put there whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from attrs import evolve

from taskferry.artifacts.checking import check
from taskferry.artifacts.limits import DownloadLimits
from taskferry.artifacts.names import folder_for, safe_name
from taskferry.artifacts.part import Part, make_folder, sha256_of
from taskferry.artifacts.partfiles import Contender, sweep
from taskferry.artifacts.receiving import Receiver
from taskferry.artifacts.room import FULL
from taskferry.clock import Clock
from taskferry.errors import ArtifactError, ArtifactGone, CallForbidden, WireError
from taskferry.ledger.record import Record
from taskferry.task import Artifact
from taskferry.text import clean
from taskferry.transport import Transport, Wire

T = TypeVar("T")
_LONGEST_NAME = 100
"""Characters of an artifact's name in messages."""
_ASK_AGAIN = 0.2
"""Seconds between two tries to get a part that another process writes."""


class Store:
    """Brings artifacts to disk."""

    def __init__(
        self, transport: Transport, folder: Path, *, clock: Clock, limits: DownloadLimits | None = None
    ) -> None:
        """Fetch over `transport`; `folder` takes the files of tasks that name no folder of their own."""
        self.folder = folder
        self._clock = clock
        self._limits = limits or DownloadLimits()
        self._receiver = Receiver(transport=transport, clock=clock, limits=self._limits, store=folder)

    def place(self, record: Record) -> Path:
        """Give the folder that a task's files go to."""
        asked = record.job.folder
        return self.folder / record.id if asked is None else folder_for(asked, record)

    async def keep(self, artifact: Artifact, folder: Path, *, wire: Wire) -> Artifact:
        """Fetch an artifact into a folder; give it with path, size, sha256 and the media type of its content.

        Nothing that is there is overwritten, and a file with the same content is used again. A connection that breaks
        is made again for the rest of the file, and what cannot come now is left for a later call where its server
        allows that; nothing else is left behind. Raises ArtifactGone when a new look at the task is needed,
        CallForbidden for a host that must not be asked, ArtifactError for all else.
        """
        plain = evolve(artifact, name=clean(artifact.name, _LONGEST_NAME))
        if artifact.expires_at is not None and artifact.expires_at <= self._clock.now():
            raise ArtifactGone(f"{plain.name} is no longer served: its address has expired. Look at the task again.")
        try:
            return evolve(await self._kept(plain, folder, wire), name=artifact.name)
        except CallForbidden:
            raise
        except WireError as error:
            raise ArtifactError(f"{plain.name} could not be fetched: {error}") from error
        except OSError as error:
            room = " Make room (`taskferry gc` removes old files), then fetch it again." if error.errno in FULL else ""
            raise ArtifactError(
                f"{plain.name} could not be written to {folder}: {error.strerror or error}.{room}"
            ) from error

    async def _kept(self, artifact: Artifact, folder: Path, wire: Wire) -> Artifact:
        name = safe_name(artifact.name)
        contender = await _to_its_end(_prepared, folder, name, artifact, undo=Contender.close)
        held = await self._turn(contender, artifact)
        if held is None:
            assert contender.done is not None, "a part that nobody writes is done"
            return await asyncio.to_thread(_found, artifact, contender.done)
        with Part(folder, name, (contender.path, held)) as part:
            await asyncio.to_thread(part.take_up)
            source = await self._receiver.receive(artifact, part, folder, wire)
            checked = await asyncio.to_thread(check, part.path, artifact, source.urls, source.declared)
            path = await asyncio.to_thread(part.publish, checked.suffix)
            media_type = checked.media_type or artifact.media_type
            return evolve(artifact, path=path, size=part.size, sha256=part.sha256, media_type=media_type)

    async def _turn(self, contender: Contender, artifact: Artifact) -> BinaryIO | None:
        """Wait while another process fetches the artifact; give the part, or None for one that is there by then."""
        end = self._clock.monotonic() + self._limits.seconds
        try:
            while (held := await _to_its_end(contender.try_lock)) is None and contender.done is None:
                if self._clock.monotonic() >= end:
                    raise ArtifactError(f"{artifact.name} is being fetched by another process. Look again later.")
                await self._clock.wait(asyncio.Event(), _ASK_AGAIN)
        except BaseException:
            contender.close()
            raise
        return held


def _prepared(folder: Path, name: str, artifact: Artifact) -> Contender:
    make_folder(folder)
    contender = Contender(folder, name, _key(artifact))
    sweep(folder, name, keep=contender.path)
    return contender


def _key(artifact: Artifact) -> str:
    """Tell one artifact from another of its folder, also when its address is signed anew."""
    url = artifact.url or ""
    served = url if url[:5].lower() == "data:" else url.partition("?")[0]
    return hashlib.sha256(f"{artifact.name}\n{served}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _found(artifact: Artifact, path: Path) -> Artifact:
    """Describe a file that another process has just kept."""
    checked = check(path, artifact, [artifact.url] if artifact.url else [], None)
    return evolve(
        artifact,
        path=path,
        size=path.stat().st_size,
        sha256=sha256_of(path),
        media_type=checked.media_type or artifact.media_type,
    )


async def _to_its_end(function: Callable[..., T], *args: object, undo: Callable[[T], object] | None = None) -> T:
    """Run a step in a thread; when cancelled, wait for it first and undo it, so that no open file is left behind."""
    running = asyncio.ensure_future(asyncio.to_thread(function, *args))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        made = await running
        if undo is not None:
            undo(made)
        raise
