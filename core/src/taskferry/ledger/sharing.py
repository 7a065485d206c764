"""What a ledger offers that many processes share: work that is left to workers, and limits kept by all together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
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

    async def drive(self, task_id: str, over: Callable[[str], None]) -> None:
        """Have a task driven, and come back at once; `over` is told when nothing more happens to it by itself.

        One that another process holds is followed, and taken over when that process is gone.
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


@frozen(kw_only=True)
class Granted:
    """Requests that one process may send to an account, each at a time of its own."""

    count: int
    starts_in: float
    """Seconds until the first of them, negative if its time has come; the others follow at the account's rate."""
    sharers: int
    """Processes that ask for requests to the account at present, this one among them."""
    looks_closed: float = 0.0
    """Seconds for which the provider asked some process to send no looks."""
    creates_closed: float = 0.0


@runtime_checkable
class SharesLimits(Protocol):
    """A ledger through which all its processes together keep to what a provider allows one account.

    An account is named by provider, address and fingerprint of the key. All methods but `tell_of_holds` block.
    """

    def lease_requests(self, account: str, *, rate: float, burst: int, wanted: int) -> Granted:
        """Reserve the account's next requests for this process, at most as many as wanted and as its fair share.

        Over all processes never more than `rate` (a second) x time + `burst` are granted, by the server's clock.
        """
        ...

    def hold_back(self, account: str, what: str, seconds: float) -> None:
        """Tell all processes that the provider has no room for `looks` or `creates` of an account for so long."""
        ...

    def tell_of_holds(self, heard: Callable[[str, str, float], None]) -> None:
        """Call `heard`, from another thread, with what any process tells by `hold_back`, until the ledger is closed."""
        ...
