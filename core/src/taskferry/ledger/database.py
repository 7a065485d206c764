"""One connection to the ledger's file, shared by the threads of a process and opened anew in a forked child."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskferry.errors import LedgerError
from taskferry.ledger.opening import FILE, connect, explained


class Database:
    """Runs one transaction at a time; what SQLite says comes out as the ledger's own errors."""

    def __init__(self, home: Path, *, readonly: bool) -> None:
        self.path = home / FILE
        self._home = home
        self._readonly = readonly
        self._lock = threading.RLock()
        self._closed = False
        self._connection: sqlite3.Connection | None = connect(home, readonly=readonly)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """See one state of the file for the length of the block."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Write alone, durably when the block ends; nothing of it is kept if it raises."""
        if self._readonly:
            raise LedgerError(f"{self.path} was opened for reading only.")
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

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
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock, explained(self.path):
            connection = self._connected()
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise

    def _connected(self) -> sqlite3.Connection:
        if self._closed:
            raise LedgerError(f"{self.path} was closed: open it again.")
        if self._connection is None:
            self._connection = connect(self._home, readonly=self._readonly)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
