"""One connection to the ledger's file, shared by the threads of a process and opened anew in a forked child."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskferry.errors import LedgerError
from taskferry.ledger.durability import Durability
from taskferry.ledger.opening import FILE, begin_writing, connect, explained


class Database:
    """Runs one transaction at a time; what SQLite says comes out as the ledger's own errors."""

    def __init__(self, home: Path, *, readonly: bool) -> None:
        self.path = home / FILE
        self._home = home
        self._readonly = readonly
        self._lock = threading.RLock()
        self._closed = False
        self._depth = 0
        self._durability = Durability.FULL
        self._connection: sqlite3.Connection | None = None
        self._connect()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """See one state of the file for the length of the block."""
        with self._lock:
            if self._depth:
                yield self._connected()
            else:
                with self._transaction() as connection:
                    yield connection

    @contextmanager
    def writing(self, durability: Durability = Durability.FULL) -> Iterator[sqlite3.Connection]:
        """Write alone, kept when the block ends; nothing of it is kept if it raises.

        A block inside another is a part of it that can fail alone; what is kept is then kept with the outer one, and as
        durably.
        """
        with self._lock:
            if self._depth:
                with self._savepoint() as connection:
                    yield connection
                return
            if self._readonly:
                raise LedgerError(f"{self.path} was opened for reading only.")
            with self._transaction(durability) as connection:
                yield connection

    @contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """Have the connection without a transaction, for what SQLite does only so."""
        with self._lock, explained(self.path):
            yield self._connected()

    def close(self) -> None:
        """Close the file; a second time does nothing."""
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

    @contextmanager
    def _transaction(self, durability: Durability | None = None) -> Iterator[sqlite3.Connection]:
        with explained(self.path):
            connection = self._connected()
            if durability is not None:
                self._refuse_replaced()
                self._keep(connection, durability)
                begin_writing(connection)
            else:
                connection.execute("BEGIN")
            self._depth += 1
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise
            finally:
                self._depth -= 1

    @contextmanager
    def _savepoint(self) -> Iterator[sqlite3.Connection]:
        with explained(self.path):
            connection = self._connected()
            if not connection.in_transaction:  # else the savepoint would begin one, and its release would keep it
                raise LedgerError(f"{self.path}: a write before this one failed and took it along; try again.")
            connection.execute("SAVEPOINT part")
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:  # SQLite ends it by itself on a full disk
                    connection.execute("ROLLBACK TO part")
                    connection.execute("RELEASE part")
                raise
            connection.execute("RELEASE part")

    def _keep(self, connection: sqlite3.Connection, durability: Durability) -> None:
        """Choose how the next commit is kept; SQLite takes the word outside a transaction only."""
        if durability is not self._durability:
            connection.execute(f"PRAGMA synchronous = {durability.name}")
            self._durability = durability

    def _refuse_replaced(self) -> None:
        """Stop before writing to a file that is no longer the one at the path, where nobody would find it."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            raise LedgerError(
                f"{self.path} was removed while it was open: put it back (or a backup) and start again. Nothing was "
                "written."
            ) from None
        if (found.st_dev, found.st_ino) != self._file:
            raise LedgerError(f"{self.path} was replaced while it was open: start again. Nothing was written.")

    def _connected(self) -> sqlite3.Connection:
        if self._closed:
            raise LedgerError(f"{self.path} was closed: open it again.")
        return self._connection or self._connect()

    def _connect(self) -> sqlite3.Connection:
        self._connection = connect(self._home, readonly=self._readonly)
        self._durability = Durability.FULL
        found = self.path.stat()
        self._file = found.st_dev, found.st_ino
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
