"""The ledger's questions and writes, as SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from taskferry.errors import TaskTaken, UnknownName
from taskferry.ledger import listing
from taskferry.ledger.bulk import insert_many
from taskferry.ledger.listing import Filter
from taskferry.ledger.record import InFlight, Record
from taskferry.ledger.rows import (
    REPLY_COLUMNS,
    Column,
    all_storable,
    artifact_columns,
    job_columns,
    readable,
    remote_column,
    reply_columns,
    to_record,
)
from taskferry.status import Status

NAMED = 8
"""How many tasks an error names at most."""

_OPEN = json.dumps([status.value for status in Status if not status.terminal])
_LOST = json.dumps([status.value for status in Status if status.terminal and not status.ok])

_ROWS = "SELECT tasks.*, raw, create_reply FROM tasks LEFT JOIN replies ON replies.task = tasks.id"
_BY_ID = f"{_ROWS} WHERE id = :id"
_UNFINISHED = f"""
{_ROWS}
WHERE status IN (SELECT value FROM json_each(:open))
   OR (id IN (SELECT task FROM artifacts WHERE path IS NULL AND sha256 IS NULL) AND +status = :succeeded)
ORDER BY created_at, tasks.rowid
"""  # noqa: S608 -- constants of this file
"""The plus keeps SQLite from walking through every success there ever was."""
_IN_FLIGHT = f"""
SELECT {", ".join(InFlight._fields)} FROM tasks WHERE id IN (
    SELECT id FROM tasks
    WHERE NOT ({" AND ".join(f"status <> '{status}'" for status in Status if not status.terminal)}) AND id > :after
    UNION
    SELECT task FROM artifacts JOIN tasks ON id = task AND +status = :succeeded
    WHERE path IS NULL AND sha256 IS NULL AND task > :after
    ORDER BY 1 LIMIT :limit
) ORDER BY id
"""  # noqa: S608 -- constants of this file
"""Both halves come in the order of an index, so that a page costs a page, however long the history is. The first asks
in the index's own words: else SQLite takes another index, and sorts."""
_BY_KEY = f"{_ROWS} WHERE caller = :caller AND idempotency_key = :idempotency_key"
_SAME_AGAIN = f"""
{_ROWS}
WHERE caller = :caller AND operation = :operation AND parameters = :parameters AND account = :account
  AND base_url = :base_url AND created_at >= :since AND status NOT IN (SELECT value FROM json_each(:lost))
ORDER BY created_at DESC, tasks.rowid DESC LIMIT 1
"""  # noqa: S608 -- constants of this file
_ROUTED_AGAIN = f"""
{_ROWS}
WHERE created_at >= :since AND +caller = :caller AND parameters = :parameters
  AND json_extract(choice, '$.asked') = json_extract(:choice, '$.asked')
  AND +status NOT IN (SELECT value FROM json_each(:lost))
ORDER BY created_at DESC, tasks.rowid DESC LIMIT 1
"""  # noqa: S608 -- constants of this file
"""Another provider may be chosen by now: the same was asked for all the same."""
_BY_REMOTE = f"""
{_ROWS} WHERE provider = :provider AND account = :account AND remote = :remote ORDER BY tasks.rowid LIMIT 1
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


def recent(connection: sqlite3.Connection, limit: int, wanted: Filter) -> list[Record]:
    """Give the newest tasks first; raise UnknownName for a page that begins after a task which is not there."""
    before = wanted.get("before")
    if before is not None and by_id(connection, before) is None:
        raise unknown(connection, before)
    end, values = listing.query(wanted, limit)
    return _records(connection, f"{_ROWS} {end}", values)


def unfinished(connection: sqlite3.Connection) -> list[Record]:
    """Give the tasks with something left to do, oldest first."""
    return _records(connection, _UNFINISHED, {"open": _OPEN, "succeeded": Status.SUCCEEDED})


def in_flight(connection: sqlite3.Connection, limit: int, after: str) -> list[InFlight]:
    """Give the tasks with something left to do and an id beyond `after`, in the order of their ids."""
    rows = connection.execute(_IN_FLIGHT, {"limit": limit, "after": after, "succeeded": Status.SUCCEEDED})
    return [InFlight(**{**readable(row), "status": Status(row["status"])}) for row in rows]


def duplicate(connection: sqlite3.Connection, job: Mapping[str, Column], since: float) -> Record | None:
    """Give the task that already stands for a job, if there is one."""
    again = _SAME_AGAIN if job["choice"] is None else _ROUTED_AGAIN
    query = again if job["idempotency_key"] is None else _BY_KEY
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


def known(connection: sqlite3.Connection, task_id: str) -> Record:
    """Give one task; raise UnknownName if there is none."""
    record = by_id(connection, task_id)
    if record is None:
        raise unknown(connection, task_id)
    return record


def unknown(connection: sqlite3.Connection, text: str, hint: str = "`taskferry list` shows the tasks.") -> UnknownName:
    """Give the error for a task that is not there, with the names that come closest."""
    return UnknownName("task", text, newest_ids(connection), hint)


def clash(connection: sqlite3.Connection, record: Record) -> TaskTaken:
    """Give the error for a row that SQLite refused: it names the task that stands in its way."""
    columns = {"id": record.id, **job_columns(record.job), "remote": remote_column(record.remote)}
    reason = "a task of this id is kept already"
    for text, query in _CLASHES.items():
        row = connection.execute(query, columns).fetchone()
        if row is not None:
            reason = text.format(row["id"])
    return TaskTaken(f"Task {record.id} was not written: {reason}.")


def insert(connection: sqlite3.Connection, table: str, columns: Mapping[str, Column]) -> None:
    """Write a new row."""
    names, places = ", ".join(columns), ", ".join(f":{name}" for name in columns)
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", columns)  # noqa: S608 -- names, not values


def update(
    connection: sqlite3.Connection, task_id: str, columns: Mapping[str, Column], *, holder: str | None, version: int
) -> bool:
    """Change columns of a task's row if it still has a holder and a version; tell whether it had."""
    changes = ", ".join(f"{name} = ?" for name in columns)
    query = f"UPDATE tasks SET {changes} WHERE id = ? AND version = ? AND holder IS ?"  # noqa: S608 -- names
    return connection.execute(query, (*columns.values(), task_id, version, holder)).rowcount == 1


def replace_replies(connection: sqlite3.Connection, record: Record) -> None:
    """Write the provider's replies in the place of those that were kept before."""
    insert_many(
        connection, "replies", ("task", *REPLY_COLUMNS), [(record.id, *reply_columns(record).values())], key="task"
    )


def replace_artifacts(connection: sqlite3.Connection, record: Record) -> None:
    """Write a task's artifacts in the place of those that were kept before."""
    connection.execute("DELETE FROM artifacts WHERE task = ?", (record.id,))
    for columns in artifact_columns(record.id, record.snapshot.artifacts):
        insert(connection, "artifacts", columns)


def _records(connection: sqlite3.Connection, query: str, values: Mapping[str, Column]) -> list[Record]:
    rows = connection.execute(query, all_storable(values)).fetchall()
    artifacts: dict[str, list[Mapping[str, Any]]] = {row["id"]: [] for row in rows}
    for artifact in connection.execute(_ARTIFACTS, (json.dumps(list(artifacts)),)):
        artifacts[artifact["task"]].append(artifact)
    return [to_record(row, artifacts[row["id"]]) for row in rows]


def _first(records: list[Record]) -> Record | None:
    return records[0] if records else None
