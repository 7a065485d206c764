"""Writes the next state of tasks: one with every check, or many that need few words in one statement."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple
from weakref import WeakValueDictionary

from taskferry.errors import TaskTaken
from taskferry.ledger import history, queries, spending
from taskferry.ledger.bulk import Row, insert_many, update_many
from taskferry.ledger.durability import Durability, durability
from taskferry.ledger.holders import Holder
from taskferry.ledger.record import Record
from taskferry.ledger.rows import look_columns, remote_column, state_columns


class Save(NamedTuple):
    """One task's next state, to be written."""

    record: Record
    note: str | None = None
    took: history.Took | None = None
    seen: history.Seen | None = None


class Plain(NamedTuple):
    """A save that changes nothing but what `LOOK_COLUMNS` name, the status and the last reply."""

    before: Record
    saved: Record
    note: str | None
    seen: history.Seen | None


class Saver:
    """Writes records, each only over the row that it was read from; called inside a transaction."""

    def __init__(self, holder: Holder, now: Callable[[], float]) -> None:
        self._holder = holder
        self._now = now
        self._known: WeakValueDictionary[str, Record] = WeakValueDictionary()
        """Rows held here as they were last written or read, while anybody uses them: they need no reading again.
        A row of the same version is the same row; whether it still has that version is asked with every write."""

    def known(self, record: Record) -> Record:
        """Remember a record that is the row of its id and version, if it is held here."""
        if record.holder == self._holder.name:
            self._known[record.id] = record
        return record

    def forget(self) -> None:
        """Remember nothing: this process is another holder now."""
        self._known.clear()

    def prepared(self, record: Record) -> tuple[Record, Record] | None:
        """Give the row that a record was read from and the one that it will be; None where it is not known here."""
        before = self._before(record)
        return None if before is None else (before, _next(before, record))

    def durability(self, save: Save) -> Durability:
        """Tell how a save has to be kept, before it is begun."""
        return durability(self._before(save.record), save.record)

    def one(self, connection: sqlite3.Connection, save: Save) -> Record:
        """Write one task's next state; raise TaskTaken or UnknownName, and write nothing, if it cannot be."""
        before = self._before(save.record) or self._read(connection, save.record)
        saved = _next(before, save.record)
        indexed = {"status": before.snapshot.status.value, "remote": remote_column(before.remote)}
        columns = {
            name: value
            for name, value in state_columns(saved).items()
            if name != "holder" and (name not in indexed or indexed[name] != value)  # an index costs with every write
        }
        try:
            written = queries.update(connection, saved.id, columns, holder=before.holder, version=before.version)
        except sqlite3.IntegrityError as error:
            raise queries.clash(connection, saved) from error
        if not written:
            raise self._refusal(connection, save.record)
        self._beside(connection, before, saved, save)
        return self.known(saved)

    def plain(self, save: Save) -> Plain | None:
        """Prepare a save that only says how a task gets on, so that many can be written at once; None for another."""
        record = save.record
        before = self._before(record)
        if before is None:
            return None
        old, new = before.snapshot, record.snapshot
        if (
            save.took is None
            and record.remote is before.remote
            and record.create_reply is before.create_reply
            and new.cost is old.cost
            and new.failure is old.failure
            and new.artifacts == old.artifacts
            and new.trace_ids == old.trace_ids
            and (new.status is old.status or not new.status.terminal)
        ):
            return Plain(before, _next(before, record), save.note, save.seen)
        return None

    def many(self, connection: sqlite3.Connection, saves: Sequence[Plain]) -> bool:
        """Write plain saves of different tasks at once; False, with a part of them written, if that did not work."""
        rows: dict[tuple[str, ...], list[Row]] = {}
        replies: list[Row] = []
        steps: list[Row] = []
        now = self._now()
        for before, saved, note, seen in saves:
            old, new = before.snapshot, saved.snapshot
            columns = look_columns(new, old)
            columns["version"] = saved.version
            stepped = old.status is not new.status
            if stepped:
                columns["status"] = new.status.value
            rows.setdefault(tuple(columns), []).append((saved.id, before.version, *columns.values()))
            if old.raw is not new.raw:
                replies.append((saved.id, new.raw))
            if stepped or old.run != new.run or note is not None:
                steps.append(history.step(old.status, new, now, note, seen))
        for names, alike in rows.items():
            if update_many(connection, names, alike, self._holder.name) != len(alike):
                return False
        insert_many(connection, "replies", ("task", "raw"), replies, key="task")
        insert_many(connection, "transitions", history.STEP, steps)
        for _, saved, *_ in saves:
            self._known[saved.id] = saved
        return True

    def _before(self, record: Record) -> Record | None:
        known = self._known.get(record.id)
        return known if known is not None and known.version == record.version else None

    def _read(self, connection: sqlite3.Connection, record: Record) -> Record:
        row = queries.known(connection, record.id)
        refusal = self._why_not(row, record)
        if refusal is not None:
            raise refusal
        return row

    def _refusal(self, connection: sqlite3.Connection, record: Record) -> TaskTaken:
        row = queries.known(connection, record.id)
        return self._why_not(row, record) or TaskTaken(f"Task {record.id} changed while it was written: read it again.")

    def _why_not(self, row: Record, record: Record) -> TaskTaken | None:
        if row.holder is None:
            return TaskTaken(f"Task {record.id} is held by nobody: claim it before changing it.")
        if row.holder != self._holder.name:
            return TaskTaken(f"Task {record.id} is held by {self._holder.describe(row.holder)}; nothing was written.")
        if row.version != record.version:
            return TaskTaken(
                f"Task {record.id} has changed since it was read (version {row.version} is kept, {record.version} "
                "was read); nothing was written: read it again."
            )
        return None

    def _beside(self, connection: sqlite3.Connection, before: Record, saved: Record, save: Save) -> None:
        """Write what belongs to the row in other tables."""
        old, new = before.snapshot, saved.snapshot
        if old.raw is not new.raw or before.create_reply is not saved.create_reply:
            queries.replace_replies(connection, saved)
        if old.artifacts != new.artifacts:
            queries.replace_artifacts(connection, saved)
        if old.status is not new.status or old.run != new.run or save.note is not None:
            history.add_transition(connection, old.status, new, self._now(), save.note, save.seen)
        if save.took is not None:
            history.add_duration(connection, saved, save.took)
        if old.status is not new.status or old.cost is not new.cost:
            spending.settle(connection, saved, self._now())


def _next(before: Record, record: Record) -> Record:
    """Give the record as it will be kept: with its new version, and as the job and its holder were."""
    return Record(
        job=before.job,
        snapshot=record.snapshot,
        remote=record.remote,
        holder=before.holder,
        create_reply=record.create_reply,
        version=before.version + 1,
    )
