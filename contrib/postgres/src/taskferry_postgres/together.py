"""Several writes in one transaction, by few statements: each succeeds or fails alone."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from taskferry import Record
from taskferry.ledger.backend import CALLS, Call, Columns, Durability, Outcome, refused
from taskferry.ledger.backend import Connection as FileConnection
from taskferry_postgres.connection import Connection
from taskferry_postgres.database import Database
from taskferry_postgres.lease import Lease
from taskferry_postgres.parts import Part, Parts
from taskferry_postgres.statements import CLEAR, COUNTED, STANDING, keeping, written
from taskferry_postgres.taking import asked, claimed, lock


class _InTheWay(Exception):
    """Something is in the way of one of the writes: each by itself tells which, and why."""


class Together:
    """Writes groups as if none of their calls could fail; what can be told before is asked for before."""

    def __init__(self, database: Database, parts: Parts) -> None:
        self._database = database
        self._parts = parts

    def run(self, calls: Sequence[Call]) -> list[Outcome] | None:
        """Give what each call gave; None, with nothing kept, if that cannot be told so."""
        parts = [self._parts.of(call) for call in calls]
        if not any(parts):
            return None
        if all(part is not None and not part.rows for part in parts):
            return [(part.given, None) for part in parts if part]
        kinds = [
            part.durability if part else CALLS.get(call.function.__name__, Durability.FULL)
            for call, part in zip(calls, parts, strict=True)
        ]
        full = Durability.FULL in kinds
        alone = any(part.spends if part else kind is Durability.FULL for part, kind in zip(parts, kinds, strict=True))
        for write in (self._write, _one_by_one):
            outcomes: list[Outcome] = [(None, None)] * len(calls)
            try:
                with self._database.writing(Durability.FULL if full else Durability.NORMAL, alone=alone) as connection:
                    try:
                        _lock(connection, parts, every=write is _one_by_one)
                        write(connection, calls, parts, outcomes)
                    except Exception as error:
                        raise _InTheWay from error
            except _InTheWay:
                continue
            except Exception as error:  # noqa: BLE001 -- given to every caller; the next group starts afresh
                return [(None, _another(error)) for _ in calls]
            for part, (result, _) in zip(parts, outcomes, strict=True):
                if part is not None and isinstance(result, Record):
                    self._parts.saver.known(result)
            return outcomes
        return None

    def _write(
        self, connection: Connection, calls: Sequence[Call], parts: Sequence[Part | None], outcomes: list[Outcome]
    ) -> None:
        gathered: dict[Any, int] = {}
        for number, part in enumerate(parts):
            names = part.names if part else set()
            if part is None or not names.isdisjoint(gathered):
                self._write_gathered(connection, gathered, calls, parts, outcomes)
            if part is None:
                outcomes[number] = _by_itself(connection, calls[number])
            else:
                gathered |= dict.fromkeys(names, number)
        self._write_gathered(connection, gathered, calls, parts, outcomes)

    def _write_gathered(
        self,
        connection: Connection,
        gathered: dict[Any, int],
        calls: Sequence[Call],
        parts: Sequence[Part | None],
        outcomes: list[Outcome],
    ) -> None:
        chosen = {number: part for number in dict.fromkeys(gathered.values()) if (part := parts[number]) is not None}
        gathered.clear()
        standing = _standing(connection, chosen.values())
        no = self._refused(connection, [part for part in chosen.values() if part.task not in standing])
        going = [part for part in chosen.values() if part.task not in standing and part.task not in no]
        taken = _keep(connection, going, self._parts.lease)
        for number, part in chosen.items():
            if part.task in no:
                outcomes[number] = None, no[part.task]
            elif part.task in standing or ("claimed" in part.rows and part.task not in taken):
                outcomes[number] = _by_itself(connection, calls[number])
            else:
                outcomes[number] = taken.get(part.task, part.given), None

    def _refused(self, connection: Connection, parts: Sequence[Part]) -> Mapping[str, Exception]:
        new = [(part.given, part.reservation) for part in parts if part.reservation is not None]
        return refused(cast("FileConnection", connection), new, self._parts.now()) if new else {}


def _keep(connection: Connection, parts: Sequence[Part], lease: Lease) -> dict[str, Record]:
    """Write rows, and give the tasks that were claimed; raise if a row was not found as it was read."""
    rows: dict[str, list[Columns]] = {}
    for part in parts:
        for kind, own in part.rows.items():
            rows.setdefault(kind, []).extend(own)
    ids = [str(row["id"]) for row in rows.pop("claimed", ())]
    if rows:
        _write(connection, rows, lease.name)
    return claimed(connection, ids, lease) if ids else {}


def _write(connection: Connection, rows: Mapping[str, Sequence[Columns]], holder: str) -> None:
    values = {kind: written(kind, found) for kind, found in rows.items()}
    if "cleared" in rows:
        connection.raw.execute(CLEAR, values, prepare=True)
    kinds = tuple(sorted(rows))
    row = connection.raw.execute(keeping(kinds), {**values, "holder": holder}, prepare=True).fetchone()
    *counts, connection.number = row or (None,)
    if counts != [len(rows[kind]) for kind in COUNTED if kind in rows]:
        raise _InTheWay


def _standing(connection: Connection, parts: Iterable[Part]) -> set[str]:
    """Give the ids of those new tasks for whose job another one stands."""
    new = [(part.task, part.rows["tasks"][0], part.since) for part in parts if part.since is not None]
    return {row[0] for row in connection.execute(STANDING, {"asked": asked(new)})} if new else set()


def _lock(connection: Connection, parts: Sequence[Part | None], *, every: bool) -> None:
    """Lock rows in the order of their ids, where others may want the same ones: so nobody waits for each other."""
    own = [part for part in parts if part is not None and "tasks" not in part.rows]
    if every or any("claimed" in part.rows for part in own):
        lock(connection, [part.task for part in own])


def _one_by_one(
    connection: Connection, calls: Sequence[Call], parts: Sequence[Part | None], outcomes: list[Outcome]
) -> None:
    del parts
    for number, call in enumerate(calls):
        outcomes[number] = _by_itself(connection, call)


def _by_itself(connection: Connection, call: Call) -> Outcome:
    outcome = call.outcome()
    if not connection.in_transaction:
        raise _InTheWay
    return outcome


def _another(error: Exception) -> Exception:
    """Make an error of the same words for each caller: a raised one gathers its raiser's traceback."""
    own = copy.copy(error)
    own.__cause__ = error.__cause__
    return own
