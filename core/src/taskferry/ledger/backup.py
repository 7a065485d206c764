"""Copies the ledger while it is in use, and gives back the room that it no longer needs."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from taskferry.errors import LedgerCorrupt, LedgerError, UsageError
from taskferry.ledger.database import Database
from taskferry.ledger.opening import explained

_NOT_COPIED = "{path} is not a sound ledger, so no copy of it was made: see `taskferry ledger check`. ({error})"


def new_file(path: Path) -> int:
    """Make a file for this user alone and give its descriptor; raise UsageError if there is one, LedgerError else."""
    try:
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except FileExistsError:
        raise UsageError(f"{path} exists already and is left as it is: name a new file.") from None
    except OSError as error:
        raise LedgerError(
            f"{path} cannot be made: {error.strerror}. Name a file in a folder that you can write."
        ) from error


def back_up(database: Database, path: Path) -> int:
    """Write a sound copy of the ledger, as it is at one moment, to a new file; give its size in bytes."""
    os.close(new_file(path))
    try:
        with database.alone() as connection, explained(path), closing(sqlite3.connect(path)) as copy:
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
            wrong = [row[0] for row in copy.execute("PRAGMA quick_check") if row[0] != "ok"]
        if wrong:
            raise LedgerError(
                f"The copy is not sound, nor is the ledger then: {wrong[0]}. See `taskferry ledger check`."
            )
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, LedgerCorrupt):  # a file that was made just now has nothing that could be damaged
            raise LedgerCorrupt(_NOT_COPIED.format(path=database.path, error=error.__cause__)) from error
        raise
    return path.stat().st_size


def vacuum(database: Database) -> tuple[int, int]:
    """Write the file anew without the gaps in it; give its size in bytes before and after, its log included."""
    before = _size(database.path)
    with database.alone() as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return before, _size(database.path)


def _size(path: Path) -> int:
    log = path.with_name(path.name + "-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)
