"""The ledger: one row per task, written before money can be spent, held by one process at a time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Unpack

from attrs import evolve

from taskferry.errors import LedgerCorrupt, LedgerError, TaskTaken, UsageError
from taskferry.ledger import history, queries, spending
from taskferry.ledger.backup import back_up, vacuum
from taskferry.ledger.checking import problems
from taskferry.ledger.database import Database
from taskferry.ledger.durability import CALLS
from taskferry.ledger.following import Follower
from taskferry.ledger.forking import watch
from taskferry.ledger.group import Call, Group, Outcome
from taskferry.ledger.history import Duration, Endings, Seen, Took, Transition
from taskferry.ledger.holders import Holder
from taskferry.ledger.importing import Import, Imported
from taskferry.ledger.lines import export_lines
from taskferry.ledger.listing import Filter
from taskferry.ledger.opening import explained
from taskferry.ledger.paces import Pace, paces
from taskferry.ledger.record import InFlight, Job, Record
from taskferry.ledger.rows import job_columns, remote_column, task_columns
from taskferry.ledger.saving import Save, Saver
from taskferry.spend import Caps, Held, Reservation, Spend
from taskferry.status import Status
from taskferry.task import JSON

_SHORTEST_PREFIX = 4
_WISH = "UPDATE tasks SET cancel_wanted = 1, version = version + 1 WHERE id = ? AND status = ?"


def open_ledger(home: Path, *, readonly: bool = False, now: Callable[[], float] = time.time) -> Ledger:
    """Open the ledger in a home folder, made privately when missing; raise LedgerError with what to do.

    LedgerBusy, LedgerCorrupt and LedgerTooNew tell the cases apart; an unusable file is never overwritten. `readonly`
    makes nothing and needs an existing ledger. `now` gives the epoch seconds that transitions are stamped with.
    """
    return Ledger(Database(home, readonly=readonly), Holder(home), readonly=readonly, now=now)


class Ledger:
    """Every task of a home folder; blocking, safe to use from several threads and across forks."""

    def __init__(self, database: Database, holder: Holder, *, readonly: bool, now: Callable[[], float]) -> None:
        self._readonly = readonly
        self._database = database
        self._holder = holder
        self._now = now
        self._saver = Saver(self._holder, now)
        self._group = Group(self._database, self._saver, self.save)
        with self._database.reading() as connection:
            self.salt = _salt(connection)
        watch(self)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def place(self) -> str:
        """Say where the ledger is; a password is no part of that."""
        return str(self._database.path)

    def follower(self) -> Follower:
        """Give the means to notice what any process changes; close it before the ledger."""
        return Follower(self._database.path.parent)

    @property
    def holder(self) -> str:
        """Name this ledger as a holder of tasks; its lock is taken with the first task and kept until `close`."""
        return self._holder.name

    def add(
        self,
        record: Record,
        reservation: Reservation | None = None,
        *,
        since: float | None = None,
        held: bool = True,
    ) -> Record:
        """Keep a new task, held by this process or by nobody, with what it reserves of the caps.

        Raise TaskTaken if its id, key or remote has a row already, or if `duplicate` with this `since` gives one, which
        no other process can add in between; CostExceeded if it does not fit below a cap.
        """
        with self._database.writing() as connection:
            if since is not None:
                _refuse_duplicate(connection, record, since)
            added = evolve(record, holder=self._holder.take() if held else None, version=1)
            try:
                queries.insert(connection, "tasks", task_columns(added))
            except sqlite3.IntegrityError as error:
                raise queries.clash(connection, record) from error
            if added.snapshot.raw is not None or added.create_reply is not None:
                queries.replace_replies(connection, added)
            queries.replace_artifacts(connection, added)
            now = self._now()
            history.add_transition(connection, None, added.snapshot, now, None)
            spending.reserve(connection, added, reservation, now)
        return self._saver.known(added)

    def get(self, task_id: str) -> Record:
        """Give a task by its id; raise UnknownName if there is none."""
        with self._database.reading() as connection:
            return self._saver.known(queries.known(connection, task_id))

    def find(self, text: str) -> Record:
        """Give a task by its id or by the start of it, 4 characters at least; raise UsageError if several begin so."""
        start = text.strip().rstrip("…").lower()
        with self._database.reading() as connection:
            if len(start) < _SHORTEST_PREFIX:
                raise queries.unknown(
                    connection, text, f"Give its id, or at least the first {_SHORTEST_PREFIX} characters."
                )
            found = queries.ids_from(connection, start)
            if len(found) > 1 and start not in found:
                more = " and more" if len(found) > queries.NAMED else ""
                raise UsageError(f"{text!r} begins several tasks: {', '.join(found[: queries.NAMED])}{more}.")
            if not found:
                raise queries.unknown(connection, text)
            return queries.known(connection, start if start in found else found[0])

    def recent(self, limit: int = 50, **wanted: Unpack[Filter]) -> list[Record]:
        """Give the newest tasks first: all, or those that fit what is wanted."""
        with self._database.reading() as connection:
            return queries.recent(connection, limit, wanted)

    def unfinished(self) -> list[Record]:
        """Give the tasks that have not ended, or succeeded without every file kept; oldest first."""
        with self._database.reading() as connection:
            return queries.unfinished(connection)

    def in_flight(self, limit: int = 1000, after: str = "") -> list[InFlight]:
        """Give a page of what `unfinished` gives, without parameters and replies, in the order of ids, so of age.

        The next page begins after the last id of this one; an empty page is the end.
        """
        with self._database.reading() as connection:
            return queries.in_flight(connection, limit, after)

    def save(
        self, record: Record, *, note: str | None = None, took: Took | None = None, seen: Seen | None = None
    ) -> Record:
        """Write a task's next state, as durably as the change needs, and give it with its new version.

        The job itself never changes. Raise TaskTaken, and write nothing, if the row has changed since it was read, is
        not held by this process, or names a remote that another task has. A change of status or run, or a note, is
        added to the history, with the look that showed it; `took` is added to the durations of its kind.
        """
        save = Save(record, note, took, seen)
        with self._database.writing(self._saver.durability(save)) as connection:
            return self._saver.one(connection, save)

    def together(self, calls: Sequence[Call]) -> list[Outcome]:
        """Do several writes of this ledger in one transaction; each succeeds or fails alone, in their order."""
        return self._group.run(calls)

    def claim(self, task_id: str) -> Record:
        """Make this process the task's holder; raise TaskTaken if another one that lives holds it."""
        with self._database.writing(CALLS["claim"]) as connection:
            row = _row(connection, task_id)
            name = self._holder.take()
            if row["holder"] != name:
                if row["holder"] is not None and self._holder.is_alive(row["holder"]):
                    raise TaskTaken(
                        f"Task {task_id} is held by {self._holder.describe(row['holder'])}, which watches it: "
                        "follow it there, or end that process first."
                    )
                connection.execute("UPDATE tasks SET holder = ?, version = version + 1 WHERE id = ?", (name, task_id))
            return self._saver.known(queries.known(connection, task_id))

    def release(self, task_id: str) -> None:
        """Give a task up, so that any process may claim it; nothing happens if it is not held here."""
        with self._database.writing(CALLS["release"]) as connection:
            connection.execute(
                "UPDATE tasks SET holder = NULL, version = version + 1 WHERE id = ? AND holder = ?",
                (task_id, self.holder),
            )

    def wish_cancel(self, task_id: str) -> bool:
        """Keep the wish to cancel a task that was not sent yet, whoever holds it; say whether that was still so.

        The billed call leaves only over the row as its holder read it, so it does not leave after this.
        """
        with self._database.writing() as connection:
            wished = connection.execute(_WISH, (task_id, Status.PREPARED.value)).rowcount == 1
            if wished:
                snapshot = queries.known(connection, task_id).snapshot
                history.add_transition(connection, snapshot.status, snapshot, self._now(), "cancelling is wanted")
        return wished

    def leave(self, task_id: str) -> bool:  # noqa: ARG002 -- asked of every ledger
        """Say that no worker takes tasks out of a file: whoever has the ledger open drives them."""
        return False

    def is_left(self, record: Record) -> bool:  # noqa: ARG002 -- asked of every ledger
        """Say that a task of a file is left to nobody."""
        return False

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

    def paces(self, limit: int = 2000) -> list[Pace]:
        """Give how fast the newest tasks were that succeeded, and how soon that was noticed; newest first."""
        with self._database.reading() as connection:
            return paces(connection, limit)

    def duplicate(self, job: Job, since: float) -> Record | None:
        """Give the task that already stands for a job, if there is one.

        That is the one with the same caller and idempotency key, however old and however it ended. For a job without a
        key it is the same caller's newest task with the same operation, parameters, account and base URL, created since
        then (epoch seconds), unless it ended without success. Where a provider was to be chosen, what was asked for
        counts, and not what was chosen.
        """
        with self._database.reading() as connection:
            return queries.duplicate(connection, job_columns(job), since)

    def by_remote(self, provider: str, account: str, remote: JSON) -> Record | None:
        """Give the task that stands for a provider's job, if there is one."""
        with self._database.reading() as connection:
            return queries.by_remote(connection, provider, account, remote_column(remote))

    @property
    def today(self) -> str:
        """Give the day that new tasks count for, in UTC."""
        return spending.day_of(self._now())

    def held(self, caps: Caps) -> list[Held]:
        """Give what all tasks hold of the caps, to see what would still fit; `add` asks again."""
        with self._database.reading() as connection:
            return spending.held(connection, caps.caps, self._now())

    def endings(self, since: float) -> dict[str, Endings]:
        """Give how the tasks that were asked for since then (epoch seconds) ended, by operation."""
        with self._database.reading() as connection:
            return history.endings(connection, since)

    def spend(self, caps: Caps, days: int, provider: str | None = None) -> Spend:
        """Give what the tasks of the last days cost and hold, beside the caps."""
        with self._database.reading() as connection:
            return spending.spend(connection, caps, self._now(), days, provider)

    def check(self) -> list[str]:
        """Read everything and say what is not sound; an empty list means that all is well."""
        try:
            with self._database.reading() as connection:
                return problems(connection)
        except LedgerCorrupt as error:
            return [str(error)]

    def backup(self, path: Path) -> int:
        """Copy the ledger as it is to a new file, for this user alone, while it is in use; give its size in bytes.

        Raise UsageError if the file exists. To restore it, put it in the ledger's place while nothing runs.
        """
        return back_up(self._database, path)

    def vacuum(self) -> tuple[int, int]:
        """Give back the room that is no longer needed; give the size in bytes before and after."""
        if self._readonly:
            raise LedgerError("The ledger was opened for reading only.")
        return vacuum(self._database)

    def export(self) -> Iterator[str]:
        """Give the whole ledger as lines of JSON, as it is at one moment; end the iteration before anything else."""
        with self._database.reading() as connection:
            yield from export_lines(connection)

    def take_in(self, path: Path) -> Imported:
        """Take in a file that `export` wrote: all of it, or nothing if any line has a problem.

        Tasks that are here already, exactly so, are left alone. Raise LedgerError if the file cannot be read.
        """
        imported = Import(self._database, path).run()
        with self._database.reading() as connection:
            self.salt = _salt(connection)
        return imported

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
            self._saver.forget()
        self._database.after_fork(child=child)


def _row(connection: sqlite3.Connection, task_id: str) -> Mapping[str, Any]:
    row = connection.execute("SELECT holder, version FROM tasks WHERE id = ?", (task_id,)).fetchone()
    if row is None:
        raise queries.unknown(connection, task_id)
    found: Mapping[str, Any] = row
    return found


def _refuse_duplicate(connection: sqlite3.Connection, record: Record, since: float) -> None:
    found = queries.duplicate(connection, job_columns(record.job), since)
    if found is not None:
        raise TaskTaken(f"Task {record.id} was not written: task {found.id} stands for the same job.")


def _salt(connection: sqlite3.Connection) -> bytes:
    found: bytes = connection.execute("SELECT value FROM meta WHERE name = 'salt'").fetchone()[0]
    return found
