"""What a ledger offers whose tasks are driven by workers: whoever submits leaves them there and follows."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from taskferry.ledger.record import Record


@frozen(kw_only=True)
class Backlog:
    """How the work that is left to workers stands."""

    waiting: Mapping[str, int] = field(factory=dict)
    """Tasks that no worker has begun with, by provider."""
    in_hand: int = 0
    """Tasks that workers have in hand."""
    workers: int = 0
    """Workers that live."""
    served: Collection[str] = ()
    """The providers that those have."""

    @property
    def unserved(self) -> Mapping[str, int]:
        """Give what waits, by provider, where no worker that lives has the provider."""
        return {name: count for name, count in self.waiting.items() if name not in self.served}


class Driver(Protocol):
    """What a worker does with the tasks that the queue hands it."""

    async def drive(self, task_id: str) -> None:
        """Do all that is left to do for a task, and come back when nothing more happens to it by itself.

        One that another process holds is followed, and taken over when that process is gone. Cancelling it gives the
        task up as it is: the job at the provider goes on.
        """
        ...

    async def take(self, records: Sequence[Record]) -> None:
        """Have tasks driven that this process has claimed, and come back at once."""
        ...

    @property
    def in_hand(self) -> int:
        """Give how many tasks this process has in hand."""
        ...


@runtime_checkable
class SharesWork(Protocol):
    """A ledger with a queue beside it."""

    def serve(self, providers: Collection[str]) -> None:
        """Count this process among the workers that have these providers, until the ledger is closed."""
        ...

    async def work(self, driver: Driver, *, slots: int, stop: asyncio.Event) -> None:
        """Hand tasks from the queue to the driver, so many at a time, until `stop` is set; then put the rest back.

        Raise LedgerError only for what does not go away by itself: a server that is away is waited for.
        """
        ...

    def backlog(self) -> Backlog:
        """Give how the work stands; blocking."""
        ...
