"""The ledger: one row per task, written before money can be spent, held by one process at a time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from attrs import evolve

from taskferry.errors import LedgerCorrupt, TaskTaken, UnknownName, UsageError
from taskferry.ledger import history, queries
from taskferry.ledger.database import Database
from taskferry.ledger.forking import watch
from taskferry.ledger.history import Duration, Transition
from taskferry.ledger.holders import Holder
from taskferry.ledger.opening import explained
from taskferry.ledger.record import Job, Record
from taskferry.ledger.rows import job_columns, remote_column, state_columns
from taskferry.status import Status
from taskferry.task import JSON

_SHORTEST_PREFIX = 4


def open_ledger(home: Path, *, readonly: bool = False, now: Callable[[], float] = time.time) -> Ledger:
    """Open the ledger in a home folder, made privately when missing; raise LedgerError with what to do.

    LedgerBusy, LedgerCorrupt and LedgerTooNew tell the cases apart; an unusable file is never overwritten. `readonly`
    makes nothing and needs an existing ledger. `now` gives the epoch seconds that transitions are stamped with.
    """
    return Ledger(home, readonly=readonly, now=now)


class Ledger:
    """Every task of a home folder; blocking, safe to use from several threads and across forks."""

    def __init__(self, home: Path, *, readonly: bool, now: Callable[[], float]) -> None:
        self._database = Database(home, readonly=readonly)
        self._holder = Holder(home)
        self._now = now
        with self._database.reading() as connection:
            self.salt: bytes = connection.execute("SELECT value FROM meta WHERE name = 'salt'").fetchone()[0]
        watch(self)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def holder(self) -> str:
        """Name this ledger as a holder of tasks; its lock is taken with the first task and kept until `close`."""
        return self._holder.name

    def add(self, record: Record) -> Record:
        """Keep a new task, held by this process; raise TaskTaken if its id, key or remote has a row already."""
        with self._database.writing() as connection:
            added = evolve(record, holder=self._holder.take(), version=1)
            try:
                queries.insert(
                    connection, "tasks", {"id": record.id, **job_columns(record.job), **state_columns(added)}
                )
            except sqlite3.IntegrityError as error:
                raise self._clash(connection, record) from error
            queries.replace_artifacts(connection, added)
            history.add_transition(connection, None, added.snapshot, self._now(), None)
        return added

    def get(self, task_id: str) -> Record:
        """Give a task by its id; raise UnknownName if there is none."""
        with self._database.reading() as connection:
            return _known(connection, task_id)

    def find(self, text: str) -> Record:
        """Give a task by its id or by the start of it, 4 characters at least; raise UsageError if several begin so."""
        start = text.strip().rstrip("…").lower()
        with self._database.reading() as connection:
            if len(start) < _SHORTEST_PREFIX:
                raise _unknown(connection, text, f"Give its id, or at least the first {_SHORTEST_PREFIX} characters.")
            found = queries.ids_from(connection, start)
            if len(found) > 1 and start not in found:
                more = " and more" if len(found) > queries.NAMED else ""
                raise UsageError(f"{text!r} begins several tasks: {', '.join(found[: queries.NAMED])}{more}.")
            if not found:
                raise _unknown(connection, text)
            return _known(connection, start if start in found else found[0])

    def recent(
        self, limit: int = 50, *, statuses: Collection[Status] | None = None, provider: str | None = None
    ) -> list[Record]:
        """Give the newest tasks first, of some statuses or one provider only if asked."""
        with self._database.reading() as connection:
            return queries.recent(connection, limit, statuses, provider)

    def unfinished(self) -> list[Record]:
        """Give the tasks that have not ended, or succeeded without every file kept; oldest first."""
        with self._database.reading() as connection:
            return queries.unfinished(connection)

    def save(self, record: Record, *, note: str | None = None) -> Record:
        """Write a task's next state, durably, and give it with its new version.

        The job itself never changes. Raise TaskTaken, and write nothing, if the row has changed since it was read, is
        not held by this process, or names a remote that another task has. A change of status or run, or a note, is
        added to the history.
        """
        with self._database.writing() as connection:
            row = _row(connection, record.id)
            self._refuse_others(row, record)
            saved = evolve(record, holder=row["holder"], version=record.version + 1)
            try:
                queries.update(connection, record.id, state_columns(saved))
            except sqlite3.IntegrityError as error:
                raise self._clash(connection, record) from error
            queries.replace_artifacts(connection, saved)
            before, after = Status(row["status"]), saved.snapshot
            if before is not after.status or row["run"] != after.run or note is not None:
                history.add_transition(connection, before, after, self._now(), note)
            if after.status is Status.SUCCEEDED and before is not Status.SUCCEEDED:
                history.add_duration(connection, saved)
        return saved

    def claim(self, task_id: str) -> Record:
        """Make this process the task's holder; raise TaskTaken if another one that lives holds it."""
        with self._database.writing() as connection:
            row = _row(connection, task_id)
            name = self._holder.take()
            if row["holder"] != name:
                if row["holder"] is not None and self._holder.is_alive(row["holder"]):
                    raise TaskTaken(
                        f"Task {task_id} is held by {self._holder.describe(row['holder'])}, which watches it: "
                        "follow it there, or end that process first."
                    )
                queries.update(connection, task_id, {"holder": name, "version": row["version"] + 1})
            return _known(connection, task_id)

    def release(self, task_id: str) -> None:
        """Give a task up, so that any process may claim it; nothing happens if it is not held here."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE tasks SET holder = NULL, version = version + 1 WHERE id = ? AND holder = ?",
                (task_id, self.holder),
            )

    def is_held_elsewhere(self, record: Record) -> bool:
        """Tell whether another holder that lives has the task."""
        if record.holder is None or record.holder == self.holder:
            return False
        with explained(self._database.path):
            return self._holder.is_alive(record.holder)

    def transitions(self, task_id: str) -> list[Transition]:
        """Give what a task went through, oldest first."""
        with self._database.reading() as connection:
            return history.transitions(connection, task_id)

    def durations(self, operation: str, model: str | None, size: str | None, limit: int = 200) -> list[Duration]:
        """Give how long tasks of exactly this operation, model and size took, newest first; see `model_and_size`."""
        with self._database.reading() as connection:
            return history.durations(connection, operation, model, size, limit)

    def duplicate(self, job: Job, since: float) -> Record | None:
        """Give the task that already stands for a job, if there is one.

        That is the one with the same caller and idempotency key, however old and however it ended. For a job without a
        key it is the same caller's newest task with the same operation, parameters, account and base URL, created since
        then (epoch seconds), unless it ended without success.
        """
        with self._database.reading() as connection:
            return queries.duplicate(connection, job_columns(job), since)

    def by_remote(self, provider: str, account: str, remote: JSON) -> Record | None:
        """Give the task that stands for a provider's job, if there is one."""
        with self._database.reading() as connection:
            return queries.by_remote(connection, provider, account, remote_column(remote))

    def check(self) -> list[str]:
        """Read everything and say what is not sound; an empty list means that all is well."""
        try:
            with self._database.reading() as connection:
                return queries.problems(connection)
        except LedgerCorrupt as error:
            return [str(error)]

    def close(self) -> None:
        """Close the file and give up every task held here; a second time does nothing."""
        self._database.close()
        self._holder.drop()

    def before_fork(self) -> None:
        """Come to rest; called by the interpreter."""
        self._database.before_fork()

    def after_fork(self, *, child: bool) -> None:
        """Go on, in a child as another holder; called by the interpreter."""
        if child:
            self._holder.leave_to_parent()
        self._database.after_fork(child=child)

    def _refuse_others(self, row: Mapping[str, Any], record: Record) -> None:
        holder = row["holder"]
        if holder is None:
            raise TaskTaken(f"Task {record.id} is held by nobody: claim it before changing it.")
        if holder != self.holder:
            raise TaskTaken(f"Task {record.id} is held by {self._holder.describe(holder)}; nothing was written.")
        if row["version"] != record.version:
            raise TaskTaken(
                f"Task {record.id} has changed since it was read (version {row['version']} is kept, {record.version} "
                "was read); nothing was written: read it again."
            )

    def _clash(self, connection: sqlite3.Connection, record: Record) -> TaskTaken:
        columns = {"id": record.id, **job_columns(record.job), "remote": remote_column(record.remote)}
        return TaskTaken(f"Task {record.id} was not written: {queries.clash(connection, columns)}.")


def _row(connection: sqlite3.Connection, task_id: str) -> Mapping[str, Any]:
    row = connection.execute("SELECT status, run, holder, version FROM tasks WHERE id = ?", (task_id,)).fetchone()
    if row is None:
        raise _unknown(connection, task_id)
    found: Mapping[str, Any] = row
    return found


def _known(connection: sqlite3.Connection, task_id: str) -> Record:
    record = queries.by_id(connection, task_id)
    if record is None:
        raise _unknown(connection, task_id)
    return record


def _unknown(connection: sqlite3.Connection, text: str, hint: str = "`taskferry list` shows the tasks.") -> UnknownName:
    return UnknownName("task", text, queries.newest_ids(connection), hint)
