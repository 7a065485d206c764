"""The jobs of one stand-in, kept in memory in the order of their creation."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from attrs import Factory, frozen

from taskferry.sandbox.faults import Script, without_tokens
from taskferry.sandbox.life import Life, Moment, Stage


@frozen(kw_only=True, eq=False)
class Job:
    """One job; it never changes, for what it is now follows from the time."""

    account: str
    type: str
    """In the provider's own words."""
    prompt: str
    """As it was sent, fault tokens included."""
    input: Mapping[str, Any]
    """The parameters of the provider, for making the result."""
    price: Decimal
    """Held back at the creation, in the provider's unit."""
    charge: Decimal
    """Taken when it succeeds; never more than the price."""
    group: str
    """Jobs of one group count against one concurrency limit."""
    created_at: float
    life: Life
    script: Script
    id: str = Factory(lambda: str(uuid.uuid4()))

    @property
    def caption(self) -> str:
        """The prompt without its fault tokens."""
        return without_tokens(self.prompt)

    @property
    def ends_at(self) -> float:
        """Epoch seconds; infinite for a job that is stuck."""
        return self.created_at + self.life.length

    @property
    def unknown_word(self) -> str:
        """The status word that nobody has heard."""
        return self.script.word("unknown-status") or "rehearsing"

    def at(self, now: float) -> Moment:
        """Tell where the job stands."""
        return self.life.at(now - self.created_at)

    def finished_at(self, now: float) -> float | None:
        """Epoch seconds of its end; None while it has not ended."""
        return self.ends_at if self.at(now).ended else None

    def has_output(self, now: float) -> bool:
        """Tell whether there are files to hand out."""
        return self.at(now).stage is Stage.SUCCEEDED and not self.script.has("no-output")


class Jobs:
    """All jobs of one stand-in."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}

    def add(self, job: Job) -> None:
        """Keep a new job."""
        self._jobs[job.id] = job

    def get(self, job_id: str, account: str | None = None) -> Job | None:
        """Find a job; None when there is none, or when it is another account's."""
        job = self._jobs.get(job_id)
        return job if job is not None and account in (None, job.account) else None

    def of(self, account: str) -> list[Job]:
        """List the jobs of an account, newest first."""
        return [job for job in reversed(self._jobs.values()) if job.account == account]

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs.values())
