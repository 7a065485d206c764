"""The connection of a ledger: one transaction at a time, begun anew when the server was away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg

from taskferry import LedgerError
from taskferry.ledger.backend import Durability
from taskferry_postgres.address import Address
from taskferry_postgres.connecting import PATIENCE, connect_patiently, is_gone
from taskferry_postgres.connection import Connection
from taskferry_postgres.dialect import Row, Values
from taskferry_postgres.explaining import Lost, as_ledger_error, explained
from taskferry_postgres.schema import WRITING, number_of, settle

T = TypeVar("T")

_OPENING = 1.0
"""Seconds that whoever opens a ledger waits for a server that does not answer: its address may be wrong."""
_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_BEGIN = """\
BEGIN; SET LOCAL synchronous_commit = {commit}; SET LOCAL idle_in_transaction_session_timeout = '{idle:.0f}s';
SET LOCAL enable_seqscan = off"""
"""A process that stands still inside a write must not hold up all others for as long as they wait. Writes find their
rows by an index: how they are planned while the tables are small is how they are made when those have grown."""
_ALONE = "; SELECT pg_advisory_xact_lock({lock}, {schema})"
"""What caps, keys and duplicates are checked against does not change until the write is kept."""


class Database:
    """Runs one transaction at a time for all threads of a process; an open one is closed before a fork."""

    def __init__(self, address: Address, *, readonly: bool, patience: float = PATIENCE) -> None:
        self.address = address
        self._readonly = readonly
        self._patience = _OPENING
        self._lock = threading.RLock()
        self._closed = False
        self._depth = 0
        self._connection: Connection | None = None
        self._connected()
        self._patience = patience

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See one state of the ledger for the length of the block."""
        with self._lock:
            if self._depth:
                yield self._inside()
                return
            with self._transaction(_READING) as connection:
                yield connection

    def ask(self, query: str, values: Values) -> list[Row]:
        """Give the rows of one statement, which sees one state of the ledger by itself."""
        with self._lock:
            if self._depth:
                return self._inside().execute(query, values).fetchall()
            return self._tried(lambda connection: connection.execute(query, values).fetchall())

    @contextmanager
    def writing(self, durability: Durability = Durability.FULL, *, alone: bool | None = None) -> Iterator[Connection]:
        """Write, kept when the block ends; nothing of it is kept if it raises.

        A block inside another is a part of it that can fail alone. A FULL write is on the disk when it is kept; another
        survives the end of this process at once. One that is `alone`, as FULL ones are unless told otherwise, is so
        among all processes from its beginning.
        """
        with self._lock:
            if self._depth:
                with self._part() as connection:
                    yield connection
                return
            if self._readonly:
                raise LedgerError(f"{self.address.shown} was opened for reading only.")
            full = durability is Durability.FULL
            with self._transaction(self._words(full=full, alone=full if alone is None else alone), is_full=full) as own:
                yield own

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Have the connection without a transaction, for what PostgreSQL does only so."""
        with self._lock, explained(self.address):
            yield self._connected()

    def close(self) -> None:
        """Close the connection; a second time does nothing."""
        with self._lock:
            self._closed = True
            self._disconnect()

    def before_fork(self) -> None:
        """Wait for the running transaction and close the connection, which a child must not touch."""
        self._lock.acquire()
        self._disconnect()

    def after_fork(self, *, child: bool) -> None:
        """Let threads in again; the next transaction connects anew."""
        if child:
            self._lock = threading.RLock()
        else:
            self._lock.release()

    def _words(self, *, full: bool, alone: bool) -> str:
        begin = _BEGIN.format(commit="on" if full else "off", idle=PATIENCE / 2)
        return begin + (_ALONE.format(lock=WRITING, schema=number_of(self.address.schema)) if alone else "")

    @contextmanager
    def _transaction(self, begin: str, *, is_full: bool = False) -> Iterator[Connection]:
        connection = self._begun(begin)
        self._depth += 1
        try:
            yield connection
            self._commit(connection, is_full=is_full)
        except psycopg.Error as error:
            self._roll_back(connection)
            raise self._explained(error, connection) from error
        except BaseException:
            self._roll_back(connection)
            raise
        finally:
            self._depth -= 1

    def _explained(self, error: psycopg.Error, connection: Connection) -> LedgerError:
        said = as_ledger_error(error, self.address)
        return Lost(str(said)) if is_gone(connection.raw) else said

    def _begun(self, begin: str) -> Connection:
        """Begin a transaction."""

        def first(connection: Connection) -> Connection:
            connection.number = None
            connection.raw.execute(begin.encode())
            return connection

        return self._tried(first)

    def _tried(self, first: Callable[[Connection], T]) -> T:
        """Run a statement, on a new connection if the server has ended the one that there was."""
        deadline = time.monotonic() + self._patience
        while True:
            connection = self._connected()
            try:
                return first(connection)
            except psycopg.Error as error:
                gone = is_gone(connection.raw)
                self._roll_back(connection)
                if not gone or time.monotonic() > deadline:
                    raise as_ledger_error(error, self.address) from error

    def _commit(self, connection: Connection, *, is_full: bool) -> None:
        """Keep the transaction; where the answer to that is lost, ask whether it was kept."""
        number = connection.number
        if is_full and number is None:
            (number,) = connection.raw.execute("SELECT pg_current_xact_id_if_assigned()::text").fetchone() or (None,)
        try:
            connection.raw.execute("COMMIT")
        except psycopg.OperationalError as error:
            if number is None or not is_full or not is_gone(connection.raw):
                raise
            self._disconnect()
            if not self._was_kept(number):
                raise Lost(f"{self.address.shown} went away before it kept anything: try again.") from error

    def _was_kept(self, transaction: str) -> bool:
        deadline = time.monotonic() + self._patience
        while True:
            row = self._connected().raw.execute("SELECT pg_xact_status(%s::xid8)", (transaction,)).fetchone()
            if row is None or row[0] != "in progress":
                return row is not None and row[0] == "committed"
            if time.monotonic() > deadline:
                raise LedgerError(f"{self.address.shown} does not say whether it has kept a write: look at it again.")
            time.sleep(0.05)

    @contextmanager
    def _part(self) -> Iterator[Connection]:
        connection = self._inside()
        if not connection.in_transaction:
            raise LedgerError(f"{self.address.shown}: a write before this one failed and took it along; try again.")
        with explained(self.address), connection.raw.transaction():
            yield connection

    def _roll_back(self, connection: Connection) -> None:
        if is_gone(connection.raw):
            self._disconnect()
            return
        try:
            connection.raw.execute("ROLLBACK")
        except psycopg.Error:  # the server ends it with the connection
            self._disconnect()

    def _inside(self) -> Connection:
        if self._connection is None:
            raise Lost(f"{self.address.shown} went away in the middle of a step: try again.")
        return self._connection

    def _connected(self) -> Connection:
        if self._closed:
            raise LedgerError(f"{self.address.shown} was closed: open it again.")
        if self._connection is None:
            raw = connect_patiently(self.address, self._patience)
            try:
                with explained(self.address):
                    settle(raw, self.address)
            except BaseException:
                raw.close()
                raise
            self._connection = Connection(raw)
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.raw.close()
