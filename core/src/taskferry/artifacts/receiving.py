"""Brings a result into its part: the rest of it again and again while the connection breaks, within bounds."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from attrs import frozen

from taskferry.artifacts import room, sums
from taskferry.artifacts.limits import MIB, DownloadLimits, size_text
from taskferry.artifacts.part import Part
from taskferry.artifacts.remainder import Remainder, validator_of
from taskferry.artifacts.source import Changed, Interrupted, Source, opened
from taskferry.clock import Clock
from taskferry.errors import ArtifactError, ArtifactGone, NotSent, ReplyLost
from taskferry.task import Artifact
from taskferry.transport import Transport, Wire

log = logging.getLogger("taskferry")

_PASSING = (ReplyLost, NotSent, Interrupted)
"""What does not keep the rest from coming when it is asked for again."""
_WORTH = MIB
"""Bytes that have to come for a try to count as no failed one."""
_CHECKPOINT = 16 * MIB
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


@frozen(kw_only=True)
class Receiver:
    """What every download of a store goes by."""

    transport: Transport
    clock: Clock
    limits: DownloadLimits
    store: Path

    async def receive(self, artifact: Artifact, part: Part, folder: Path, wire: Wire) -> Source:
        """Fill a part and bring it onto the disk; give the source that it came from.

        A part whose rest can come later is left in its place when that fails. Raises as `opened` does, and
        Interrupted when the time for one file is over.
        """
        end = self.clock.monotonic() + self.limits.seconds
        failed = 0
        while True:
            before = part.size
            try:
                source = await self._go_on(artifact, part, folder, wire, end)
                await asyncio.to_thread(part.flush)
                await asyncio.to_thread(sums.check, part.path, artifact.name, _sums(part, source))
                return source
            except _PASSING as error:
                failed = 1 if part.size - before >= _WORTH else failed + 1
                pause = _pause(failed, error)
                over = failed > self.limits.tries or self.clock.monotonic() + pause >= end
                if part.remainder is None or over:
                    part.leave()
                    raise
                log.info("%s: the rest after %s is asked for again: %s", artifact.name, size_text(part.size), error)
                await asyncio.to_thread(part.restart if isinstance(error, Changed) else part.checkpoint)
                await self.clock.wait(asyncio.Event(), pause)
            except (ArtifactGone, asyncio.CancelledError):
                part.leave()
                raise

    async def _go_on(self, artifact: Artifact, part: Part, folder: Path, wire: Wire, end: float) -> Source:
        rest = part.remainder.headers if part.remainder is not None and part.size else {}
        stall = self.limits.stall
        async with opened(artifact, self.transport, wire, rest, stall=stall) as source:
            await asyncio.to_thread(_settle, part, source, artifact.name)
            await asyncio.to_thread(self._check_room, artifact, part, source, folder)
            checked_at = part.size
            async for chunk in source.chunks:
                part.write(chunk)
                self._check_size(artifact, part.size)
                if self.clock.monotonic() > end:
                    raise self._too_slow(artifact, part)
                if part.size - checked_at >= _CHECKPOINT:
                    checked_at = part.size
                    await asyncio.to_thread(self._checkpoint, artifact, part, folder)
        if not part.size:
            raise ArtifactError(f"{artifact.name} is empty. Fetch it again; if it stays so, ask the provider.")
        if source.total is not None and source.total != part.size:
            raise ArtifactError(
                f"{artifact.name} did not come whole: {part.size} of {source.total} bytes. Fetch it again."
            )
        return source

    def _check_room(self, artifact: Artifact, part: Part, source: Source, folder: Path) -> None:
        size = max(0, (source.total or 0) - part.size)
        self._check_size(artifact, source.total or 0)
        room.check_disk(artifact.name, folder, size)
        room.check_store(artifact.name, self.store, folder, size, self.limits.store)

    def _checkpoint(self, artifact: Artifact, part: Part, folder: Path) -> None:
        room.check_disk(artifact.name, folder, 0)
        room.check_store(artifact.name, self.store, folder, 0, self.limits.store)
        part.checkpoint()

    def _check_size(self, artifact: Artifact, size: int) -> None:
        limit = self.limits.most[artifact.kind]
        if size > limit:
            raise ArtifactError(
                f"{artifact.name} is larger than the {size_text(limit)} that one {artifact.kind} may have."
            )

    def _too_slow(self, artifact: Artifact, part: Part) -> Interrupted:
        return Interrupted(
            f"{artifact.name} did not come within {self.limits.seconds / 60:.0f} minutes: {size_text(part.size)} came. "
            "Fetch it again, or set TASKFERRY_DOWNLOAD_TIMEOUT to more seconds."
        )


def _settle(part: Part, source: Source, name: str) -> None:
    """Have the part begin where the source does, and note by what the rest of it can be asked for."""
    known = part.remainder
    if source.start:
        etag = source.headers.get("etag")
        other = etag is not None and known is not None and known.validator[:1] == '"' and etag != known.validator
        if source.start != part.size or other:
            raise Changed(f"{name} could not be fetched: its server sends a part that was not asked for.")
        return
    part.restart()
    validator = None if source.encoded else validator_of(source.headers)
    if validator is not None and source.urls:
        told = sums.told(source.headers, whole=True)
        part.remainder = Remainder(validator=validator, total=source.total, sums=told)


def _sums(part: Part, source: Source) -> dict[str, str]:
    """Give the checksums that hold for the whole file, those of its first part's reply included."""
    if source.encoded:
        return {}
    earlier = dict(part.remainder.sums) if part.remainder is not None else {}
    return {**earlier, **sums.told(source.headers, whole=not source.start)}


def _pause(failed: int, error: Exception) -> float:
    asked = error.retry_after if isinstance(error, Interrupted) else None
    return min(_LONGEST_PAUSE, max(_FIRST_PAUSE * 2.0 ** (failed - 1), asked or 0.0))
