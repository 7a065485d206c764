"""What a task is: its results, its snapshot at one moment, and what can be done with it."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias

from attrs import field, frozen

from taskferry.cost import Cost
from taskferry.errors import Failure
from taskferry.status import Status

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter that is read as another, and text order is number order."""


def new_id(now_seconds: float | None = None) -> str:
    """Make a task id of 26 characters: 48 bits of time, so that ids sort by age, then 80 random bits."""
    milliseconds = int((time.time() if now_seconds is None else now_seconds) * 1000)
    number = (milliseconds & (2**48 - 1)) << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))


class Kind(StrEnum):
    """What sort of media an artifact is."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    MODEL = "model"
    """3D."""
    DOCUMENT = "document"
    OTHER = "other"


@frozen(kw_only=True)
class Artifact:
    """One result of a task: where the provider serves it, then where it was kept."""

    name: str
    """Unique within the task and free of path separators: `image`, `preview`, `track-2`."""
    kind: Kind = field(default=Kind.OTHER, converter=Kind)
    media_type: str | None = None
    url: str | None = field(default=None, repr=False)
    """Often signed and short-lived, so it is left out of repr. An adapter may give a path below its base URL."""
    expires_at: float | None = None
    """Epoch seconds, where the provider says so."""
    needs_key: bool = False
    """Whether the provider serves it only with the key; honoured on its own hosts alone."""
    path: Path | None = None
    """Where the kept file is; None until it is kept."""
    size: int | None = None
    """Bytes of the kept file."""
    sha256: str | None = None

    @property
    def removed(self) -> bool:
        """Tell whether it was kept and its file was removed since, as by `taskferry gc`."""
        return self.path is None and self.sha256 is not None


class ProgressSource(StrEnum):
    """Where a progress figure comes from."""

    SERVER = "server"
    ESTIMATED = "estimated"
    NONE = "none"


@frozen(kw_only=True)
class Observation:
    """What one look at the provider showed; what the provider did not say is None."""

    provider_status: str | None = None
    """The provider's own word, whatever it is."""
    status: Status | None = None
    """Our word for it; None for a word that the adapter does not know, which changes nothing."""
    progress: float | None = None
    """0..1; anything else is dropped."""
    queue_position: int | None = None
    """How many jobs are ahead."""
    eta: float | None = None
    """Seconds that the provider expects the job still to take."""
    artifacts: Sequence[Artifact] = ()
    cost: Cost | None = None
    failure: Failure | None = None
    retry_after: float | None = None
    """Seconds that the provider asks to wait before the next look; Retry-After where the adapter leaves it open."""
    trace_id: str | None = None
    raw: bytes | None = field(default=None, repr=False)
    """The reply's body; filled by the exchange."""


@frozen(kw_only=True)
class Snapshot:
    """A task at one moment, as the ledger has it."""

    id: str
    provider: str
    operation: str
    """Full name, as `provider/operation`."""
    status: Status
    provider_status: str | None = None
    run: int = 1
    """Counts how often the provider began the job: requeued jobs start another run."""
    progress: float | None = None
    progress_source: ProgressSource = ProgressSource.NONE
    queue_position: int | None = None
    eta: float | None = None
    """Seconds, at the time of the last look."""
    artifacts: tuple[Artifact, ...] = ()
    cost: Cost = field(factory=Cost)
    failure: Failure | None = None
    parked: str | None = None
    """Why nobody watches the task any more although it has not ended; None while it is watched or over."""
    look_problem: str | None = None
    """Why looks show nothing at the moment, while the task lives on; None while they work."""
    cancel_wanted: bool = False
    trace_ids: tuple[str, ...] = ()
    raw: bytes | None = field(default=None, repr=False)
    """The provider's last reply, whole."""
    created_at: float = 0.0
    """Epoch seconds, as all times here."""
    submitted_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    looked_at: float | None = None
    """When the last look that counted left; what is shown is this old."""
    next_try_at: float | None = None
    """For a prepared task: when submitting is tried next."""

    @property
    def kept(self) -> bool:
        """Tell whether every artifact has a file, or had one that was removed on purpose."""
        return all(artifact.path is not None or artifact.removed for artifact in self.artifacts)


class CancelOutcome(StrEnum):
    """What became of a wish to cancel."""

    ACCEPTED = "accepted"
    """Cancelled, or the provider took the wish and the end will show."""
    TOO_LATE = "too_late"
    """The job had already ended."""
    UNSUPPORTED = "unsupported"
    """The provider cannot cancel: the job goes on and is billed."""
    UNKNOWN = "unknown"
    """The provider's answer was lost, or the job is not found yet; the wish is kept and acted on."""


@frozen(kw_only=True)
class Token:
    """What any process needs to go on with a task; holds no secret."""

    task_id: str
    provider: str

    def __str__(self) -> str:
        return f'{{"taskferry":1,"task":"{self.task_id}","provider":"{self.provider}"}}'


@frozen
class Finished:
    """A wait that saw the task's end, whatever that end is."""

    snapshot: Snapshot


@frozen
class StillRunning:
    """A wait that ran out of time; the job goes on, and any process can resume from the token."""

    token: Token
    snapshot: Snapshot


WaitOutcome: TypeAlias = Finished | StillRunning


class Task(Protocol):
    """One job, whoever makes it."""

    @property
    def id(self) -> str:
        """Give our own id."""
        ...

    @property
    def snapshot(self) -> Snapshot:
        """Give the last state known in this process."""
        ...

    async def wait(self, timeout: float | None = None) -> WaitOutcome:
        """Wait for the end for at most `timeout` seconds; a timeout is an outcome and cancels nothing."""
        ...

    def updates(self) -> AsyncIterator[Snapshot]:
        """Yield the present state and then every change up to the end."""
        ...

    async def cancel(self) -> CancelOutcome:
        """Ask the provider to stop the job."""
        ...

    async def save(self, folder: str | Path | None = None) -> Sequence[Artifact]:
        """Wait for the end and keep every artifact as a file."""
        ...
