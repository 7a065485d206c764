"""Claims the tasks of lanes, many with one statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from taskferry import Record
from taskferry.ledger.backend import Durability, Saver, to_record
from taskferry_postgres.connection import Connection
from taskferry_postgres.database import Database
from taskferry_postgres.lease import Lease
from taskferry_postgres.queue_schema import LEFT

_WHOSE = {
    "nobody": "holder IS NULL",
    "dead": """holder = ANY(:dead) AND NOT EXISTS (
        SELECT 1 FROM holders WHERE name = tasks.holder AND expires_at > clock_timestamp())""",
}
_CLAIM = f"""
WITH claimed AS (
    UPDATE tasks SET holder = :holder, version = version + 1 WHERE id = ANY (ARRAY(
        SELECT id FROM tasks WHERE {{whose}} AND parked IS NULL AND status IN {LEFT}
            AND provider = :provider AND bucket_of(id) = ANY(:buckets)
        LIMIT :limit FOR UPDATE SKIP LOCKED
    )) RETURNING *
) SELECT claimed.*, replies.raw, replies.create_reply FROM claimed LEFT JOIN replies ON replies.task = claimed.id
"""  # noqa: S608 -- constants of this file
_MINE = f"""
SELECT tasks.*, raw, create_reply FROM tasks LEFT JOIN replies ON replies.task = tasks.id
WHERE holder = :holder AND parked IS NULL AND status IN {LEFT} AND id > :after ORDER BY id LIMIT 500
"""  # noqa: S608 -- constants of this file
_ARTIFACTS = "SELECT * FROM artifacts WHERE task = ANY(?) ORDER BY task, position"


class Claims:
    """Makes this process the holder of tasks that nobody has, or somebody who does not live."""

    def __init__(self, database: Database, lease: Lease, saver: Saver) -> None:
        self._database = database
        self._lease = lease
        self._saver = saver

    def some(self, provider: str, buckets: Sequence[int], dead: Collection[str], limit: int) -> list[Record]:
        """Claim tasks of a provider that lie in these buckets, and give them; blocking."""
        with self._database.writing(Durability.FULL, alone=False) as connection:  # whether it was kept has to be known
            values = {"holder": self._lease.take(), "provider": provider, "buckets": list(buckets), "limit": limit}
            rows = connection.execute(_CLAIM.format(whose=_WHOSE["nobody"]), values).fetchall()
            if dead and len(rows) < limit:
                values |= {"dead": list(dead), "limit": limit - len(rows)}
                rows += connection.execute(_CLAIM.format(whose=_WHOSE["dead"]), values).fetchall()
            return self._records(connection, rows)

    def mine(self, after: str = "") -> list[Record]:
        """Give the next tasks that this process holds and that have not ended, in the order of ids; blocking."""
        with self._database.reading() as connection:
            rows = connection.execute(_MINE, {"holder": self._lease.name, "after": after}).fetchall()
            return self._records(connection, rows)

    def _records(self, connection: Connection, rows: Sequence[Any]) -> list[Record]:
        found: dict[str, list[Any]] = {row["id"]: [] for row in rows}
        begun = [row["id"] for row in rows if row["status"] != "prepared"]
        if begun:
            for artifact in connection.execute(_ARTIFACTS, (begun,)):
                found[artifact["task"]].append(artifact)
        return [self._saver.known(to_record(row, found[row["id"]])) for row in rows]
