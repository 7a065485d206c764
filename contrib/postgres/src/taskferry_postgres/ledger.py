"""The ledger whose rows are in PostgreSQL: the same questions and writes, over another connection and with leases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import cast

import psycopg
from psycopg import sql

from taskferry import LedgerCorrupt, LedgerError, Record, Unsupported
from taskferry.ledger.backend import (
    Backlog,
    Call,
    Driver,
    Durability,
    Follower,
    Holder,
    Job,
    Ledger,
    Outcome,
    contradictions,
)
from taskferry.ledger.backend import Connection as FileConnection
from taskferry.ledger.backend import Database as FileDatabase
from taskferry_postgres.claiming import Claims
from taskferry_postgres.database import Database
from taskferry_postgres.explaining import Unreachable
from taskferry_postgres.lease import Lease
from taskferry_postgres.limits import KeepsLimits
from taskferry_postgres.listening import Listener
from taskferry_postgres.parts import Parts
from taskferry_postgres.serving import Serving
from taskferry_postgres.taking import is_free, read
from taskferry_postgres.together import Together

_SERVER_TIME = "SELECT extract(epoch FROM clock_timestamp())::double precision"
_LOCK_ROW = "SELECT id FROM tasks WHERE id = ? FOR UPDATE"
_SIZE = """
SELECT coalesce(sum(pg_total_relation_size(format('%I.%I', schemaname, tablename)::regclass)), 0)::bigint
FROM pg_tables WHERE schemaname = current_schema()
"""
_UNWRITABLE = """
SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND NOT (
  has_table_privilege(format('%I.%I', schemaname, tablename), 'INSERT')
  AND has_table_privilege(format('%I.%I', schemaname, tablename), 'UPDATE')
  AND has_table_privilege(format('%I.%I', schemaname, tablename), 'DELETE')
) ORDER BY tablename
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
_TRIES = 3
"""How often a group of writes is made whose connection broke before anything of it was kept."""


class PostgresLedger(Ledger, KeepsLimits):
    """Every task of a schema; blocking, safe to use from several threads and across forks."""

    def __init__(self, database: Database, lease: Lease, *, readonly: bool, now: Callable[[], float]) -> None:
        self._postgres = database
        self._lease = lease
        self._listeners: list[Listener] = []
        self._serving = Serving(database, lease)
        super().__init__(
            cast("FileDatabase", database),  # the ledger asks nothing of it that this one does not have
            cast("Holder", lease),
            readonly=readonly,
            now=now,
        )
        self._together = Together(database, Parts(self, self._saver, lease, self._serving, now))

    def __repr__(self) -> str:
        return f"<PostgresLedger {self.place}>"

    @property
    def place(self) -> str:
        """Say where the ledger is; a password is no part of that."""
        return self._postgres.address.shown

    def server_time(self) -> float:
        """Give the server's clock in epoch seconds, by which all who share the ledger go."""
        with self._postgres.alone() as connection:
            return float((connection.raw.execute(_SERVER_TIME).fetchone() or (0.0,))[0])

    def follower(self) -> Follower:
        """Give the means to notice what any process changes, on a connection of its own."""
        return Follower(cast("FileDatabase", Database(self._postgres.address, readonly=True)))

    def tell(self, heard: Callable[[str], None]) -> None:
        """Call `heard`, from another thread, with the id of each task that any process changes, until it is closed."""
        self._listeners.append(Listener(self._postgres.address, self.sorted_out(heard)))

    @property
    def is_telling(self) -> bool:
        """Tell whether everybody hears now of what any process changes."""
        return bool(self._listeners) and all(listener.hears for listener in self._listeners)

    def close(self) -> None:
        """Close the connections and give up every task held here; a second time does nothing."""
        while self._listeners:
            self._listeners.pop().close()
        super().close()

    def after_fork(self, *, child: bool) -> None:
        """Go on, in a child as another holder that is no worker; called by the interpreter."""
        if child:
            self._serving.leave_to_parent()
        super().after_fork(child=child)

    def together(self, calls: Sequence[Call]) -> list[Outcome]:
        """Do several writes in one transaction; all of it again where the server went away before it was kept."""
        for _ in range(_TRIES - 1):
            outcomes = self._together.run(calls) or super().together(calls)
            if not all(isinstance(error, Unreachable) for _, error in outcomes):
                return outcomes
        return super().together(calls)

    def get(self, task_id: str) -> Record:
        """Give a task by its id; raise UnknownName if there is none."""
        record = read(self._postgres, task_id)
        return super().get(task_id) if record is None else self._saver.known(record)

    def duplicate(self, job: Job, since: float) -> Record | None:
        """Give the task that already stands for a job, if there is one."""
        return None if is_free(self._postgres, job, since) else super().duplicate(job, since)

    def claim(self, task_id: str) -> Record:
        """Make this process the task's holder; of several that want a task, one after another is asked."""
        with self._postgres.writing(Durability.NORMAL) as connection:
            connection.execute(_LOCK_ROW, (task_id,))
            return super().claim(task_id)

    def leave(self, task_id: str) -> bool:
        """Put a task that nobody holds into the queue if a worker that lives has its provider; say if that is so."""
        return self._serving.leave(task_id)

    def is_left(self, record: Record) -> bool:
        """Tell whether a worker that lives has the provider of a task, and something to do for it."""
        return self._serving.is_left(record)

    def serve(self, providers: Collection[str]) -> None:
        """Count this process among the workers that have these providers, until the ledger is closed."""
        self._serving.begin(providers)

    async def work(self, driver: Driver, *, slots: int, stop: asyncio.Event) -> None:
        """Hand tasks from the queue to the driver until `stop` is set, then put the rest back."""
        from taskferry_postgres.working import work

        claims = Claims(self._postgres, self._lease, self._saver)
        await work(self._postgres.address, self._serving, claims, driver, slots=slots, stop=stop)

    def backlog(self) -> Backlog:
        """Give how the work stands."""
        return self._serving.backlog()

    def is_held_elsewhere(self, record: Record) -> bool:
        """Tell whether another holder whose lease has not ended has the task."""
        return record.holder not in (None, self.holder) and self._lease.is_alive(record.holder)

    def check(self) -> list[str]:
        """Read everything and say what may not be written, and which rows contradict others or cannot be read."""
        try:
            with self._postgres.reading() as connection:
                unwritable = [table for (table,) in connection.raw.execute(_UNWRITABLE).fetchall()]
                return self._denied(unwritable) + contradictions(cast("FileConnection", connection))
        except LedgerCorrupt as error:
            return [str(error)]

    def _denied(self, tables: Sequence[str]) -> list[str]:
        schema = self._postgres.address.schema
        said = (
            f"its user may not write {', '.join(tables)}: grant it all rights on the schema {schema} and what is in it"
        )
        return [said] if tables else []

    def backup(self, path: Path) -> int:
        """Raise Unsupported: PostgreSQL's own tools do that, while it is in use."""
        address = self._postgres.address
        raise Unsupported(
            f"{path} was not written: back up {address.shown} with PostgreSQL's own tools, as `pg_dump --schema="
            f"{address.schema}`, or write its tasks with `taskferry ledger export`."
        )

    def vacuum(self) -> tuple[int, int]:
        """Make room that is no longer needed free for new rows; give the size in bytes before and after."""
        if self._readonly:
            raise LedgerError("The ledger was opened for reading only.")
        with self._postgres.alone() as connection:
            raw = connection.raw
            before = _size(raw)
            for (table,) in raw.execute(_TABLES).fetchall():
                raw.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
            return before, _size(raw)


def _size(raw: psycopg.Connection) -> int:
    return int((raw.execute(_SIZE).fetchone() or (0,))[0])
