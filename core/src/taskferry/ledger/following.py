"""Notices what any process changes in a ledger, at the cost of one number as long as nobody does."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from pathlib import Path

from taskferry.ledger.database import Database
from taskferry.status import Status

AT_ONCE = 500
"""Tasks under way whose every change is noticed, the newest ones; of others it is the changes of status."""

_STEPS = "SELECT DISTINCT task FROM transitions WHERE number > ?"
_LAST = "SELECT coalesce(max(number), 0) FROM transitions"
_OPEN = f"""
SELECT id, version FROM tasks WHERE id IN (
    SELECT id FROM tasks WHERE status IN ({", ".join(f"'{status}'" for status in Status if not status.terminal)})
    UNION
    SELECT task FROM artifacts JOIN tasks ON id = task AND +status = '{Status.SUCCEEDED}'
    WHERE path IS NULL AND sha256 IS NULL
    ORDER BY 1 DESC LIMIT {AT_ONCE}
)
"""  # noqa: S608 -- constants of this file
"""Both halves come in the order of an index; the plus keeps SQLite from walking through every success."""
_NAMED = "SELECT id, version FROM tasks WHERE id IN (SELECT value FROM json_each(?))"


class Follower:
    """Reads a ledger beside those who write it; blocking, used by one thread at a time."""

    def __init__(self, place: Path | Database) -> None:
        """Begin now, with the ledger of a home folder or another one; raise LedgerError if it is not there."""
        self._database = Database(place, readonly=True) if isinstance(place, Path) else place
        self._mark = -1
        self._last = 0
        self._versions: dict[str, int] = {}
        self.news()

    def news(self, also: Collection[str] = ()) -> list[str]:
        """Name the tasks that changed since the last call; of those in `also`, every change is noticed."""
        with self._database.alone() as connection:
            mark = connection.execute("PRAGMA data_version").fetchone()[0]
        if mark == self._mark and self._versions.keys() >= set(also):
            return []
        with self._database.reading() as connection:
            changed = self._changed(connection, also)
        self._mark = mark
        return changed

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _changed(self, connection: sqlite3.Connection, also: Collection[str]) -> list[str]:
        stepped = [row[0] for row in connection.execute(_STEPS, (self._last,))] if self._mark >= 0 else []
        self._last = connection.execute(_LAST).fetchone()[0]
        before, now = self._versions, dict[str, int]()
        for query, values in ((_OPEN, ()), (_NAMED, (json.dumps(sorted(also)),))):
            now.update((row["id"], row["version"]) for row in connection.execute(query, values))
        left = [task for task in before if task not in now]  # ended, kept, or pushed out by newer ones
        moved = [task for task, version in now.items() if before.get(task, version) != version]
        self._versions = now
        return sorted({*stepped, *left, *moved})
