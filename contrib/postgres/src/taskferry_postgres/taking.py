"""Claims tasks by their ids, and reads tasks, by as few statements as that takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from taskferry import Record
from taskferry.ledger.backend import Job, job_columns, to_record
from taskferry_postgres.connection import Connection
from taskferry_postgres.database import Database
from taskferry_postgres.dialect import Row, taken
from taskferry_postgres.lease import Lease
from taskferry_postgres.statements import ASKED, STANDING, written

_BESIDE = """
(SELECT raw FROM replies WHERE replies.task = tasks.id) AS raw,
(SELECT create_reply FROM replies WHERE replies.task = tasks.id) AS create_reply,
(SELECT json_agg(artifacts ORDER BY position) FROM artifacts WHERE artifacts.task = tasks.id) AS results
"""
_LOCK = "SELECT id FROM tasks WHERE id = ANY (?) ORDER BY id FOR UPDATE"
"""By itself, so that what comes after it sees who has taken them meanwhile, and whether those live."""
_CLAIM = f"""
UPDATE tasks SET holder = :holder, version = version + 1
WHERE id = ANY (:ids) AND holder IS DISTINCT FROM :holder
    AND NOT EXISTS (SELECT FROM holders WHERE name = tasks.holder AND {{lives}})
RETURNING tasks.*, {_BESIDE}
"""  # noqa: S608 -- constants of this file
_TASK = f"SELECT tasks.*, {_BESIDE} FROM tasks WHERE id = ?"  # noqa: S608 -- constants of this file


def lock(connection: Connection, ids: Sequence[str]) -> None:
    """Keep others from changing tasks until the transaction ends."""
    connection.execute(_LOCK, (sorted(ids),))


def claimed(connection: Connection, ids: Sequence[str], lease: Lease) -> dict[str, Record]:
    """Make this process the holder of those locked tasks that nobody else has who lives, and give them by id."""
    rows = connection.execute(_CLAIM.format(lives=lease.lives), {"holder": lease.name, "ids": list(ids)})
    return {row["id"]: _record(row) for row in rows}


def read(database: Database, task_id: str) -> Record | None:
    """Give a task."""
    rows = database.ask(_TASK, (task_id,))
    return _record(rows[0]) if rows else None


def is_free(database: Database, job: Job, since: float) -> bool:
    """Tell whether no task stands for a job, which another question names if there is one."""
    return job.choice is None and not database.ask(STANDING, {"asked": asked([("", job_columns(job), since)])})


def asked(jobs: Iterable[tuple[str, Mapping[str, Any], float]]) -> str:
    """Write what is asked about jobs: an id of ours, its columns, and since when it counts."""
    return written(
        "asked",
        [
            # JSON has no word for the end of all times
            {"id": number, "since": min(since, 1e300), **{name: job[name] for name in ASKED}}
            for number, job, since in jobs
        ],
    )


def _record(row: Row) -> Record:
    return to_record(cast("Mapping[str, Any]", row), [_artifact(found) for found in row["results"] or ()])


def _artifact(found: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: taken(value) for name, value in found.items() if name not in ("task", "position")}
    if columns["expires_at"] is not None:
        columns["expires_at"] = float(columns["expires_at"])  # a whole number looks so in JSON
    return columns
