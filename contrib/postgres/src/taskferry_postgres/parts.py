"""What each write of a group is made of, where it needs nothing but rows that can be written with those of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from attrs import evolve

from taskferry import Record
from taskferry.ledger.backend import (
    Call,
    Durability,
    Ledger,
    Rows,
    Save,
    Saver,
    durability,
    rows_of_change,
    rows_of_new,
)
from taskferry_postgres.lease import Lease
from taskferry_postgres.serving import Serving
from taskferry_postgres.statements import ASKED


class Part(NamedTuple):
    """One write: the rows of one task, and what its caller is given."""

    task: str
    rows: Rows
    given: Any
    durability: Durability
    spends: bool = False
    """Whether what counts towards caps changes, or may not change meanwhile."""
    since: float | None = None
    """Since when another task for the same job stands in the way of a new one."""
    identity: Sequence[Any] = ()
    """What no two new tasks of a group may have alike."""
    reservation: Any = None

    @property
    def names(self) -> set[Any]:
        """Give what no other write of the same statements may have."""
        return ({self.task} if self.task else set()) | ({tuple(self.identity)} if self.identity else set())


class Parts:
    """Prepares the writes of one ledger."""

    def __init__(self, ledger: Ledger, saver: Saver, lease: Lease, serving: Serving, now: Callable[[], float]) -> None:
        self.saver = saver
        self.lease = lease
        self._serving = serving
        self.now = now
        self._ways: Mapping[Any, Callable[..., Part | None]] = {
            ledger.add: self._added,
            ledger.save: self._saved,
            ledger.release: self._released,
            ledger.claim: self._claimed,
            ledger.leave: self._left,
        }

    def of(self, call: Call) -> Part | None:
        """Prepare a write; None for one that has to be done by itself."""
        way = self._ways.get(call.function)
        if way is None:
            return None
        try:
            return way(*call.args, **call.kwargs)
        except Exception:  # noqa: BLE001 -- whatever is wrong with it, it is told when it is done by itself
            return None

    def _added(
        self, record: Record, reservation: Any = None, *, since: float | None = None, held: bool = True
    ) -> Part | None:
        if record.job.choice is not None and since is not None:
            return None  # what was asked for is compared in another way
        added = evolve(record, holder=self.lease.take() if held else None, version=1)
        rows = rows_of_new(added, reservation, self.now())
        if rows is None:
            return None
        job = rows["tasks"][0]
        identity = [job[name] for name in ASKED]
        return Part(
            record.id,
            rows,
            added,
            Durability.FULL,
            spends=True,
            since=since,
            identity=identity[0:1] + identity[-1:] if record.job.idempotency_key is not None else identity,
            reservation=reservation,
        )

    def _saved(self, record: Record, **more: Any) -> Part | None:
        prepared = self.saver.prepared(record)
        rows = prepared and rows_of_change(*prepared, Save(record, **more), self.now())
        if not prepared or not rows:
            return None
        before, saved = prepared
        return Part(record.id, rows, saved, durability(before, saved), spends="settled" in rows)

    def _released(self, task_id: str) -> Part:
        return Part(task_id, {"released": [{"id": task_id}]}, None, Durability.NORMAL)

    def _claimed(self, task_id: str) -> Part:
        self.lease.take()
        return Part(task_id, {"claimed": [{"id": task_id}]}, None, Durability.NORMAL)

    def _left(self, task_id: str) -> Part | None:  # noqa: ARG002 -- as the method of the ledger
        """Give the answer of a process that takes tasks itself."""
        return Part("", {}, False, Durability.NORMAL) if self._serving.here else None
