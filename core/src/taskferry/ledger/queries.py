"""The ledger's questions and writes, as SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from typing import Any

from taskferry.errors import LedgerCorrupt
from taskferry.ledger.record import Record
from taskferry.ledger.rows import Column, all_storable, artifact_columns, to_record
from taskferry.status import Status

NAMED = 8
"""How many tasks an error names at most."""

_OPEN = json.dumps([status.value for status in Status if not status.terminal])
_LOST = json.dumps([status.value for status in Status if status.terminal and not status.ok])

_BY_ID = "SELECT * FROM tasks WHERE id = :id"
_RECENT = """
SELECT * FROM tasks
WHERE (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))
  AND (:provider IS NULL OR provider = :provider)
ORDER BY created_at DESC, rowid DESC LIMIT :limit
"""
_UNFINISHED = """
SELECT * FROM tasks
WHERE status IN (SELECT value FROM json_each(:open))
   OR (id IN (SELECT task FROM artifacts WHERE path IS NULL) AND +status = :succeeded)
ORDER BY created_at, rowid
"""
"""The plus keeps SQLite from walking through every success there ever was."""
_BY_KEY = "SELECT * FROM tasks WHERE caller = :caller AND idempotency_key = :idempotency_key"
_SAME_AGAIN = """
SELECT * FROM tasks
WHERE caller = :caller AND operation = :operation AND parameters = :parameters AND account = :account
  AND base_url = :base_url AND created_at >= :since AND status NOT IN (SELECT value FROM json_each(:lost))
ORDER BY created_at DESC, rowid DESC LIMIT 1
"""
_BY_REMOTE = """
SELECT * FROM tasks WHERE provider = :provider AND account = :account AND remote = :remote ORDER BY rowid LIMIT 1
"""
_ARTIFACTS = "SELECT * FROM artifacts WHERE task IN (SELECT value FROM json_each(?)) ORDER BY task, position"
_CLASHES = {
    "task {} has its idempotency key": (
        "SELECT id FROM tasks WHERE caller = :caller AND idempotency_key = :idempotency_key AND id <> :id"
    ),
    "task {} already stands for that job at the provider": (
        "SELECT id FROM tasks WHERE provider = :provider AND account = :account AND base_url = :base_url"
        " AND remote = :remote AND id <> :id"
    ),
}


def by_id(connection: sqlite3.Connection, task_id: str) -> Record | None:
    """Give one task."""
    return _first(_records(connection, _BY_ID, {"id": task_id}))


def recent(
    connection: sqlite3.Connection, limit: int, statuses: Collection[Status] | None, provider: str | None
) -> list[Record]:
    """Give the newest tasks first."""
    wanted = None if statuses is None else json.dumps(list(statuses))
    return _records(connection, _RECENT, {"limit": max(limit, 0), "statuses": wanted, "provider": provider})


def unfinished(connection: sqlite3.Connection) -> list[Record]:
    """Give the tasks with something left to do, oldest first."""
    return _records(connection, _UNFINISHED, {"open": _OPEN, "succeeded": Status.SUCCEEDED})


def duplicate(connection: sqlite3.Connection, job: Mapping[str, Column], since: float) -> Record | None:
    """Give the task that already stands for a job, if there is one."""
    query = _SAME_AGAIN if job["idempotency_key"] is None else _BY_KEY
    return _first(_records(connection, query, {**job, "since": since, "lost": _LOST}))


def by_remote(connection: sqlite3.Connection, provider: str, account: str, remote: Column) -> Record | None:
    """Give the task that stands for a provider's job, if there is one."""
    return _first(_records(connection, _BY_REMOTE, {"provider": provider, "account": account, "remote": remote}))


def ids_from(connection: sqlite3.Connection, start: str) -> list[str]:
    """Give the ids that begin so, one more than an error would name at most."""
    rows = connection.execute(
        "SELECT id FROM tasks WHERE id >= :start AND id < :start || '~' ORDER BY id LIMIT :limit",
        all_storable({"start": start, "limit": NAMED + 1}),
    )
    return [row["id"] for row in rows]


def newest_ids(connection: sqlite3.Connection) -> list[str]:
    """Give the ids of the last tasks, to look for one that was misspelt."""
    return [row["id"] for row in connection.execute("SELECT id FROM tasks ORDER BY created_at DESC LIMIT 100")]


def clash(connection: sqlite3.Connection, columns: Mapping[str, Column]) -> str:
    """Say which task stands in the way of a row that SQLite refused."""
    for reason, query in _CLASHES.items():
        row = connection.execute(query, columns).fetchone()
        if row is not None:
            return reason.format(row["id"])
    return "a task of this id is kept already"


def insert(connection: sqlite3.Connection, table: str, columns: Mapping[str, Column]) -> None:
    """Write a new row."""
    names, places = ", ".join(columns), ", ".join(f":{name}" for name in columns)
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", columns)  # noqa: S608 -- names, not values


def update(connection: sqlite3.Connection, task_id: str, columns: Mapping[str, Column]) -> None:
    """Change columns of a task's row."""
    changes = ", ".join(f"{name} = :{name}" for name in columns)
    connection.execute(f"UPDATE tasks SET {changes} WHERE id = :id", {**columns, "id": task_id})  # noqa: S608 -- names


def replace_artifacts(connection: sqlite3.Connection, record: Record) -> None:
    """Write a task's artifacts in the place of those that were kept before."""
    connection.execute("DELETE FROM artifacts WHERE task = ?", (record.id,))
    for columns in artifact_columns(record.id, record.snapshot.artifacts):
        insert(connection, "artifacts", columns)


def problems(connection: sqlite3.Connection) -> list[str]:
    """Say what SQLite finds unsound, and which rows cannot be read."""
    found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    found += [f"{row['table']} has a row without its task" for row in connection.execute("PRAGMA foreign_key_check")]
    for task_id in [row["id"] for row in connection.execute("SELECT id FROM tasks ORDER BY id")]:
        try:
            by_id(connection, task_id)
        except LedgerCorrupt as error:
            found.append(str(error))
    return found


def _records(connection: sqlite3.Connection, query: str, values: Mapping[str, Column]) -> list[Record]:
    rows = connection.execute(query, all_storable(values)).fetchall()
    artifacts: dict[str, list[Mapping[str, Any]]] = {row["id"]: [] for row in rows}
    for artifact in connection.execute(_ARTIFACTS, (json.dumps(list(artifacts)),)):
        artifacts[artifact["task"]].append(artifact)
    return [to_record(row, artifacts[row["id"]]) for row in rows]


def _first(records: list[Record]) -> Record | None:
    return records[0] if records else None
