"""Who serves which providers: workers say so beside their lease, and everybody else asks."""

from __future__ import annotations

import time
from collections.abc import Collection

from taskferry import Record, Status
from taskferry.ledger.backend import Backlog, Durability
from taskferry_postgres.database import Database
from taskferry_postgres.lease import Lease
from taskferry_postgres.queue_schema import LEFT, update_queue
from taskferry_postgres.schema import lock_migrations

_FRESH = 1.0
"""Seconds for which an answer counts: whoever follows a task asks twice a second."""
_LIVES = "expires_at > clock_timestamp()"
_SAY = "UPDATE holders SET serves = ? WHERE name = ? AND serves IS DISTINCT FROM ?"
_SERVED = f"""
SELECT DISTINCT provider FROM holders CROSS JOIN LATERAL unnest(serves) AS provider WHERE {_LIVES}
"""  # noqa: S608 -- constants of this file
_WORKERS = f"SELECT count(*) FROM holders WHERE serves IS NOT NULL AND {_LIVES}"  # noqa: S608 -- constants of this file
_IN_HAND = f"""
SELECT count(*) FROM tasks WHERE parked IS NULL AND status IN {LEFT}
    AND holder IN (SELECT name FROM holders WHERE serves IS NOT NULL AND {_LIVES})
"""  # noqa: S608 -- constants
_WAITING = f"""
SELECT provider, count(*) AS tasks FROM tasks WHERE parked IS NULL AND status IN {LEFT}
    AND (holder IS NULL OR holder NOT IN (SELECT name FROM holders WHERE {_LIVES}))
GROUP BY provider
"""  # noqa: S608 -- constants
_TASK = "SELECT provider, status, parked, holder FROM tasks WHERE id = ? FOR UPDATE"
_FREE = "UPDATE tasks SET holder = NULL, parked = NULL, version = version + 1 WHERE id = ?"
_ENQUEUE = "SELECT enqueue(?, ?, ?)"
_OPEN = frozenset({Status.PREPARED, Status.SUBMITTING, Status.QUEUED, Status.RUNNING})


class Serving:
    """What this process serves, and what workers that live do; called with the ledger's connection."""

    def __init__(self, database: Database, lease: Lease) -> None:
        self._database = database
        self._lease = lease
        self.here: tuple[str, ...] = ()
        """The providers that this process takes tasks of; empty unless it is a worker."""
        self._known: frozenset[str] = frozenset()
        self._asked_at = float("-inf")

    def begin(self, providers: Collection[str]) -> None:
        """Count this process among the workers; raise LedgerTooNew for a queue that it cannot use."""
        with self._database.writing() as connection:
            lock_migrations(connection.raw, self._database.address)
            update_queue(connection.raw, self._database.address)
        self._lease.take()
        self.here = tuple(sorted(providers))
        self.say(self.here)

    def leave_to_parent(self) -> None:
        """Serve nothing, in a forked child."""
        self.here = ()

    def say(self, providers: Collection[str]) -> None:
        """Write which providers this process serves, unless that is what is written."""
        told = list(providers) or None
        with self._database.writing(Durability.NORMAL) as connection:
            connection.execute(_SAY, (told, self._lease.name, told))

    def is_served(self, provider: str) -> bool:
        """Tell whether a worker that lives has a provider."""
        now = time.monotonic()
        if now - self._asked_at >= _FRESH:
            with self._database.reading() as connection:
                self._known = frozenset(row[0] for row in connection.execute(_SERVED))
            self._asked_at = now
        return provider in self._known

    def leave(self, task_id: str) -> bool:
        """Put a task that nobody holds into the queue, unparked; say whether workers have it, or will have it."""
        if self.here:
            return False
        with self._database.writing(Durability.NORMAL) as connection:
            row = connection.execute(_TASK, (task_id,)).fetchone()
            if row is None or row["status"] not in _OPEN or not self.is_served(row["provider"]):
                return False
            holder = row["holder"]
            if holder is not None and (holder == self._lease.name or self._lease.is_alive(holder)):
                return False
            if holder is not None or row["parked"] is not None:
                connection.execute(_FREE, (task_id,))
            connection.execute(_ENQUEUE, (task_id, row["provider"], self._database.address.lanes))
            return True

    def is_left(self, record: Record) -> bool:
        """Tell whether workers have something to do for a task that nobody holds."""
        return not self.here and record.snapshot.status in _OPEN and self.is_served(record.job.provider)

    def backlog(self) -> Backlog:
        """Give how the work stands."""
        with self._database.reading() as connection:
            return Backlog(
                waiting={row["provider"]: row["tasks"] for row in connection.execute(_WAITING)},
                in_hand=sum(row[0] for row in connection.execute(_IN_HAND)),
                workers=sum(row[0] for row in connection.execute(_WORKERS)),
                served=frozenset(row[0] for row in connection.execute(_SERVED)),
            )
