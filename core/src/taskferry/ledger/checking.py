"""Reads the whole ledger and says what is not sound in it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from taskferry.errors import LedgerCorrupt
from taskferry.ledger import queries
from taskferry.ledger.schema import migrate
from taskferry.status import Status

_WORDS = json.dumps([status.value for status in Status])
_WRONG = {
    "task {} and task {} stand for the same job at the provider": """
SELECT min(id), max(id) FROM tasks WHERE remote IS NOT NULL
GROUP BY provider, account, remote, base_url HAVING count(*) > 1
""",
    "task {} and task {} have one caller's idempotency key": """
SELECT min(id), max(id) FROM tasks WHERE idempotency_key IS NOT NULL
GROUP BY caller, idempotency_key HAVING count(*) > 1
""",
    "task {} has a step with the unknown status {!r}": """
SELECT task, CASE WHEN after IN (SELECT value FROM json_each(:words)) THEN before ELSE after END FROM transitions
WHERE after NOT IN (SELECT value FROM json_each(:words))
   OR (before IS NOT NULL AND before NOT IN (SELECT value FROM json_each(:words)))
""",
}
"""What must not be there, and how to find it."""


def problems(connection: sqlite3.Connection) -> list[str]:
    """Say what SQLite finds unsound, what is missing, and which rows contradict others or cannot be read."""
    found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    found += [f"the {kind} {name} is missing" for kind, name in sorted(_parts_of_a_new_one() - _parts(connection))]
    found += [f"{row['table']} has a row without its task" for row in connection.execute("PRAGMA foreign_key_check")]
    return found + contradictions(connection)


def contradictions(connection: sqlite3.Connection) -> list[str]:
    """Say which rows contradict others or cannot be read."""
    found = []
    for text, query in _WRONG.items():
        found += [text.format(*row) for row in connection.execute(query, {"words": _WORDS})]
    return [*found, *_unreadable(connection)]


def _unreadable(connection: sqlite3.Connection) -> Iterator[str]:
    for task_id in [row["id"] for row in connection.execute("SELECT id FROM tasks ORDER BY id")]:
        try:
            queries.by_id(connection, task_id)
        except LedgerCorrupt as error:
            yield str(error)


def _parts_of_a_new_one() -> set[tuple[str, str]]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection)
        return _parts(connection)
    finally:
        connection.close()


def _parts(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    return {(row[0], row[1]) for row in connection.execute("SELECT type, name FROM sqlite_master")}
