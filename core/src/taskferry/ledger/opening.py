"""Opening the ledger's file: made privately when missing, told apart when unusable, never overwritten."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from taskferry.errors import LedgerBusy, LedgerCorrupt, LedgerError, LedgerTooNew
from taskferry.ledger.schema import FILE as FILE
from taskferry.ledger.schema import VERSION, is_foreign, migrate, version_of

BUSY_SECONDS = 10.0
"""How long a call waits for another process's write."""

_TURN_SECONDS = 0.06
"""How long SQLite itself waits at a time: it asks less and less often, and would let newcomers pass those who wait."""

_CREATING = threading.Lock()
"""Closing any descriptor of a file drops all of this process's POSIX locks on it, SQLite's too: so the file is
created and closed here before any thread of this process can have opened it."""

_READ_ONLY = "{path} cannot be written: give write permission on it and on its folder, or set TASKFERRY_HOME. ({error})"
_UNSOUND = (
    "{path} is not a sound ledger. Nothing was overwritten: move it away together with its -wal and -shm files, "
    "or put a backup in its place. ({error})"
)
_LOCKED = "Another process keeps {path} locked: wait until it is done, or end it, then try again. ({error})"
_DISK = "{path} could not be written to disk; nothing of this step was kept: make room, then try again. ({error})"
_CAUSES: dict[int, tuple[type[LedgerError], str]] = {
    sqlite3.SQLITE_BUSY: (LedgerBusy, _LOCKED),
    sqlite3.SQLITE_LOCKED: (LedgerBusy, _LOCKED),
    sqlite3.SQLITE_CORRUPT: (LedgerCorrupt, _UNSOUND),
    sqlite3.SQLITE_NOTADB: (LedgerCorrupt, _UNSOUND),
    sqlite3.SQLITE_READONLY: (LedgerError, _READ_ONLY),
    sqlite3.SQLITE_PERM: (LedgerError, _READ_ONLY),
    sqlite3.SQLITE_CANTOPEN: (LedgerError, _READ_ONLY),
    sqlite3.SQLITE_FULL: (LedgerError, _DISK),
    sqlite3.SQLITE_IOERR: (LedgerError, _DISK),
}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into the ledger's own errors."""
    try:
        yield
    except sqlite3.Error as error:
        kind, text = _CAUSES.get(_code(error), (LedgerError, "{path} could not be used: {error}."))
        raise kind(text.format(path=path, error=error)) from error
    except PermissionError as error:
        raise LedgerError(_READ_ONLY.format(path=path, error=error)) from error
    except OSError as error:
        raise LedgerError(f"{path} cannot be used: {error}. Set TASKFERRY_HOME to a usable folder.") from error


def is_older(home: Path) -> bool:
    """Tell whether an earlier version of taskferry wrote the ledger; opening it for writing brings it up to date."""
    path = home / FILE
    with explained(path), closing(sqlite3.connect(_address(path, readonly=True), uri=True)) as connection:
        return 0 < version_of(connection) < VERSION


def connect(home: Path, *, readonly: bool) -> sqlite3.Connection:
    """Open the ledger of a home folder, made or brought up to date first unless `readonly`."""
    path = home / FILE
    with explained(path):
        if not readonly:
            _create(path)
        elif not path.exists():
            raise LedgerError(f"There is no ledger at {path}: nothing was submitted from this home yet.")
        _refuse_lost_start(path)
        connection = sqlite3.connect(
            _address(path, readonly), uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            _settle(connection, path, readonly)
        except BaseException:
            connection.close()
            raise
        return connection


def begin_writing(connection: sqlite3.Connection) -> None:
    """Begin a transaction that writes, alone among all processes; wait for the others' turn for `BUSY_SECONDS`."""
    deadline = time.monotonic() + BUSY_SECONDS
    connection.execute(f"PRAGMA busy_timeout = {_TURN_SECONDS * 1000:.0f}")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")


def _create(path: Path) -> None:
    """Make the folder and an empty file, both for this user alone; leave what exists as it is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _CREATING:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            if not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
                raise PermissionError("the file is read-only") from None


def _refuse_lost_start(path: Path) -> None:
    """Stop before SQLite deletes the log of a ledger whose main file was emptied."""
    log = path.with_name(path.name + "-wal")
    if path.stat().st_size == 0 and log.exists() and log.stat().st_size:
        raise LedgerCorrupt(_UNSOUND.format(path=path, error="it is empty, but its log is not"))


def _address(path: Path, readonly: bool) -> str:
    """Name the file for SQLite; one in a folder that cannot be written is read as it lies there."""
    mode = "ro" if readonly else "rw"
    log = path.with_name(path.name + "-wal")
    still = readonly and not log.exists()
    writable = os.access(path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    return f"{path.absolute().as_uri()}?mode={mode}{'&immutable=1' if still and not writable else ''}"


def _settle(connection: sqlite3.Connection, path: Path, readonly: bool) -> None:
    connection.row_factory = sqlite3.Row
    version = _diagnosed(connection, path)
    if readonly:
        if version == 0:
            raise LedgerError(f"{path} is empty: nothing was submitted from this home yet.")
        if version < VERSION:
            raise LedgerError(f"{path} is of an older version: open it once for writing, then read it.")
        return
    _use_log(connection, path)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    if version < VERSION:
        migrate(connection)


def _diagnosed(connection: sqlite3.Connection, path: Path) -> int:
    """Give the file's version, read before anything is written; raise for a file that is not ours to use."""
    connection.execute("BEGIN")
    try:
        version, foreign = version_of(connection), is_foreign(connection)
    finally:
        connection.rollback()
    if foreign:
        raise LedgerCorrupt(_UNSOUND.format(path=path, error="it is a database of another program"))
    if version > VERSION:
        raise LedgerTooNew(
            f"{path} was written by a later version of taskferry (ledger version {version}, this one knows up to "
            f"{VERSION}): upgrade taskferry, or set TASKFERRY_HOME to another folder. Nothing was changed."
        )
    return version


def _use_log(connection: sqlite3.Connection, path: Path) -> None:
    """Switch to write-ahead logging; SQLite does not wait for another process that does the same, so this does."""
    deadline = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            if mode != "wal":
                raise LedgerError(f"{path} is on a file system without shared memory: set TASKFERRY_HOME to another.")


def _code(error: sqlite3.Error) -> int:
    """Give SQLite's primary code; 0 where Python's own module raised the error."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
