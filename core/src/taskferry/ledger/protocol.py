"""What engine, ferry and front doors ask of a ledger, wherever its rows are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, Unpack, runtime_checkable

from taskferry.ledger.following import Follower
from taskferry.ledger.group import Call, Outcome
from taskferry.ledger.history import Duration, Endings, Seen, Took, Transition
from taskferry.ledger.importing import Imported
from taskferry.ledger.listing import Filter
from taskferry.ledger.paces import Pace
from taskferry.ledger.record import InFlight, Job, Record
from taskferry.spend import Caps, Held, Reservation, Spend
from taskferry.task import JSON


@runtime_checkable
class TellsOfChanges(Protocol):
    """A ledger that says what any process changes, so that whoever waits need not read rows again and again."""

    def tell(self, heard: Callable[[str], None]) -> None:
        """Call `heard`, from another thread, with the id of each task that any process changes, until it is closed."""
        ...

    @property
    def is_telling(self) -> bool:
        """Tell whether nothing that happens now goes untold, as far as can be known."""
        ...


class LedgerProtocol(Protocol):
    """Every task of a home, or of all workers that share one; blocking, safe to use from several threads.

    Every change is conditional on the row's holder and version, so that a holder which only believes that it still has
    a task changes nothing. Every method may raise LedgerError.
    """

    salt: bytes
    """Makes fingerprints of accounts comparable inside this ledger alone."""

    def __enter__(self) -> Self:
        """Give itself."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        ...

    @property
    def place(self) -> str:
        """Say where it is, without a password."""
        ...

    def follower(self) -> Follower:
        """Give the means to notice what any process changes; close it before the ledger."""
        ...

    @property
    def holder(self) -> str:
        """Name this process as a holder of tasks."""
        ...

    @property
    def today(self) -> str:
        """Give the day that new tasks count for, in UTC."""
        ...

    def add(
        self,
        record: Record,
        reservation: Reservation | None = None,
        *,
        since: float | None = None,
        held: bool = True,
    ) -> Record:
        """Keep a new task, held here or left to workers, with what it reserves; raise TaskTaken or CostExceeded."""
        ...

    def wish_cancel(self, task_id: str) -> bool:
        """Keep the wish to cancel a task that was not sent yet, whoever holds it; say whether that was still so."""
        ...

    def leave(self, task_id: str) -> bool:
        """Leave a task to the workers if one that lives has its provider and nobody holds it; say if that is so.

        One that was parked goes on with it.
        """
        ...

    def is_left(self, record: Record) -> bool:
        """Tell whether a task that nobody holds is left to the workers, so that this process only follows."""
        ...

    def save(
        self, record: Record, *, note: str | None = None, took: Took | None = None, seen: Seen | None = None
    ) -> Record:
        """Write a task's next state if its row is held here and as it was read, else raise TaskTaken."""
        ...

    def together(self, calls: Sequence[Call]) -> list[Outcome]:
        """Do several writes of this ledger in one transaction; each succeeds or fails alone, in their order."""
        ...

    def claim(self, task_id: str) -> Record:
        """Make this process the task's holder; raise TaskTaken if another one that lives holds it."""
        ...

    def release(self, task_id: str) -> None:
        """Give a task up; nothing happens if it is not held here."""
        ...

    def is_held_elsewhere(self, record: Record) -> bool:
        """Tell whether another holder that lives has the task."""
        ...

    def get(self, task_id: str) -> Record:
        """Give a task by its id; raise UnknownName."""
        ...

    def find(self, text: str) -> Record:
        """Give a task by its id or the start of it; raise UnknownName or UsageError."""
        ...

    def recent(self, limit: int = 50, **wanted: Unpack[Filter]) -> list[Record]:
        """Give the newest tasks first: all, or those that fit what is wanted."""
        ...

    def unfinished(self) -> list[Record]:
        """Give the tasks with something left to do, oldest first."""
        ...

    def in_flight(self, limit: int = 1000, after: str = "") -> list[InFlight]:
        """Give a page of what `unfinished` gives, in the order of ids."""
        ...

    def duplicate(self, job: Job, since: float) -> Record | None:
        """Give the task that already stands for a job."""
        ...

    def by_remote(self, provider: str, account: str, remote: JSON) -> Record | None:
        """Give the task that stands for a provider's job."""
        ...

    def transitions(self, task_id: str) -> list[Transition]:
        """Give what a task went through, oldest first."""
        ...

    def durations(self, operation: str, model: str | None, size: str | None, limit: int = 200) -> list[Duration]:
        """Give how long tasks of exactly this kind took, newest first."""
        ...

    def paces(self, limit: int = 2000) -> list[Pace]:
        """Give how fast the newest successful tasks were, newest first."""
        ...

    def endings(self, since: float) -> dict[str, Endings]:
        """Give how tasks ended, by operation."""
        ...

    def held(self, caps: Caps) -> list[Held]:
        """Give what all tasks hold of the caps."""
        ...

    def spend(self, caps: Caps, days: int, provider: str | None = None) -> Spend:
        """Give what the tasks of the last days cost and hold."""
        ...

    def check(self) -> list[str]:
        """Read everything and say what is not sound."""
        ...

    def backup(self, path: Path) -> int:
        """Copy the ledger to a new file and give its size; raise Unsupported where the database has its own tools."""
        ...

    def vacuum(self) -> tuple[int, int]:
        """Give back room; give the size in bytes before and after."""
        ...

    def export(self) -> Iterator[str]:
        """Give the whole ledger as lines of JSON, which any ledger takes in."""
        ...

    def take_in(self, path: Path) -> Imported:
        """Take in an exported file, all of it or nothing."""
        ...

    def close(self) -> None:
        """Give up every task held here and close."""
        ...
