"""Power loss: the ledger's files as they were at the last sync, put in the place of what a dead process left."""

from __future__ import annotations

import os
import pickle
import random
import re
import sqlite3
from pathlib import Path

LEDGER = "ledger.sqlite3"
_LEVEL = re.compile(r"\s*PRAGMA\s+synchronous\s*=\s*(\w+)", re.IGNORECASE)
_FULL = {"FULL", "EXTRA", "2", "3"}
_ENDS = ("COMMIT", "END")
_rename = os.rename  # the file's own steps are no seams


class Syncs:
    """Keeps a copy of the ledger's files as of every commit that SQLite has synced; a NORMAL commit makes none.

    Good for one process at a time: with others beside it a copy could be torn.
    """

    def __init__(self, home: Path, copy: Path) -> None:
        self._home = home
        self._copy = copy
        self._levels: dict[int, str] = {}
        self._changes: dict[int, int] = {}

    def hear(self, connection: sqlite3.Connection, sql: str) -> None:
        """Hear of a statement that was run."""
        number = id(connection)
        if found := _LEVEL.match(sql):
            self._levels[number] = found[1].upper()
        if connection.in_transaction or not sql.lstrip().upper().startswith(_ENDS):
            return
        changes, before = connection.total_changes, self._changes.get(number, 0)
        self._changes[number] = changes
        if changes != before and self._levels.get(number, "FULL") in _FULL:
            self.keep()

    def keep(self) -> None:
        """Copy the files, whole or not at all."""
        there = pickle.dumps((_content(self._home / LEDGER), _content(self._home / f"{LEDGER}-wal")))
        beside = self._copy.with_suffix(".new")
        beside.write_bytes(there)
        _rename(beside, self._copy)


def lose_power(home: Path, copy: Path, chance: random.Random) -> str:
    """Put back what was synced; now and then with a part of what was written after it. Say which."""
    database, log = pickle.loads(copy.read_bytes()) if copy.exists() else (None, None)
    now, later = _content(home / LEDGER), _content(home / f"{LEDGER}-wal")
    told = "as synced"
    if log is not None and later is not None and now == database and later.startswith(log) and chance.random() < 0.5:
        log = later[: chance.randint(len(log), len(later))] + bytes(chance.choice((0, 0, 4096)))
        told = "with a part of the rest"
    for name, content in ((LEDGER, database), (f"{LEDGER}-wal", log), (f"{LEDGER}-shm", None)):
        place = home / name
        if content is None:
            place.unlink(missing_ok=True)
        else:
            place.write_bytes(content)
    return told


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
