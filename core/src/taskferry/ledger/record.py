"""One row of the ledger: a job, where it lives, who watches it, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from attrs import field, frozen

from taskferry.status import Status
from taskferry.task import JSON, Snapshot


@frozen(kw_only=True)
class Choice:
    """How an operation was chosen that was asked for as `any/...`; kept with the task it led to."""

    asked: str
    """What was asked for, as `any/video`."""
    policy: str
    """By what it was chosen, as `prefer acme; cheapest`."""
    tried: tuple[str, ...] = ()
    """Ids of the tasks that other providers had refused before, oldest first."""


@frozen(kw_only=True)
class Job:
    """What was asked for and where it lives; never changes after the intent was kept."""

    provider: str
    operation: str
    """Full name."""
    generation: str
    """Of the provider's API; decided before submitting, kept for good."""
    base_url: str
    account: str
    """Salted fingerprint of the key; empty where no key is taken."""
    parameters: Mapping[str, Any]
    caller: str = ""
    """Who asked, as `cli` or an MCP principal; the duplicate guard looks only at the same caller."""
    idempotency_key: str | None = None
    max_cost: str | None = None
    """The cap, as it was given."""
    folder: Path | None = None
    """Where the files go; None for the store's own folder."""
    choice: Choice | None = None
    """How it was chosen; None where the caller named the operation."""

    @property
    def prompt(self) -> str:
        """Give the text that people know the job by."""
        return str(self.parameters.get("prompt", ""))


@frozen(kw_only=True)
class Record:
    """A row: read, changed as a whole, written back only if nobody else changed it in between."""

    job: Job
    snapshot: Snapshot
    remote: JSON = None
    """The provider's own handle; None until the job was accepted."""
    holder: str | None = None
    """The process that submits and watches it."""
    create_reply: bytes | None = field(default=None, repr=False)
    """The raw reply to the billed call, whatever it was."""
    version: int = 0
    """Counts the writes; a write names the version that it read."""

    @property
    def id(self) -> str:
        """Give the task's id."""
        return self.snapshot.id


class InFlight(NamedTuple):
    """What has to be known of a task to go on with it, without its parameters and replies; `Ledger.get` gives those."""

    id: str
    provider: str
    operation: str
    """Full name."""
    generation: str
    base_url: str
    account: str
    remote: str | None
    """JSON, as the ledger has it."""
    status: Status
    holder: str | None
    version: int
    parked: str | None
    created_at: float
    """Epoch seconds, as all times here."""
    submitted_at: float | None
    started_at: float | None
    looked_at: float | None
    next_try_at: float | None
