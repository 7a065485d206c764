"""Looks after what dead workers leave: their jobs go back into the queue, and so do tasks that have lost theirs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from typing import Any

from procrastinate.exceptions import ConnectorException

from taskferry import clean
from taskferry_postgres.connector import Connector
from taskferry_postgres.job_manager import Jobs
from taskferry_postgres.queue_schema import DRIVE, LANE, LEFT

log = logging.getLogger("taskferry")

LAP = 2.0
"""Seconds between two rounds."""
STALLED = 8.0
"""Seconds without a sign of life after which a worker counts as dead."""
SWEEP = 15.0
"""Seconds between two searches for tasks that are in no queue."""
_SWEPT = 1000
"""Tasks that are put back by one search at most."""

_STALLED = """
WITH dead AS (
    SELECT id FROM procrastinate_workers
    WHERE last_heartbeat < clock_timestamp() - make_interval(secs => %(stalled)s)
        AND pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => %(stalled)s)
), stalled AS MATERIALIZED (
    SELECT id, queue_name FROM procrastinate_jobs
    WHERE status = 'doing' AND task_name IN (%(drive)s, %(lane)s)
        AND (worker_id IS NULL OR worker_id IN (SELECT id FROM dead))
    LIMIT 5000 FOR UPDATE SKIP LOCKED
), back AS MATERIALIZED (
    SELECT queue_name, procrastinate_retry_job_v2(id, NULL, NULL, NULL, NULL) FROM stalled
)
SELECT queue_name, count(*) AS jobs FROM back GROUP BY queue_name
"""
"""The documented pattern, for all of them at once; after a restart of the server everybody has time to come back."""
_DEAD = f"""
WITH RECURSIVE held (holder) AS (
    SELECT min(holder) FROM tasks WHERE holder IS NOT NULL AND parked IS NULL AND status IN {LEFT}
    UNION ALL
    SELECT (SELECT min(holder) FROM tasks WHERE holder > held.holder AND parked IS NULL AND status IN {LEFT})
    FROM held WHERE held.holder IS NOT NULL
)
SELECT holder FROM held WHERE holder IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM holders WHERE name = held.holder AND expires_at > clock_timestamp()
)
"""  # noqa: S608 -- constants of this file
"""As many steps along the index as there are holders, however many tasks they have."""
_STRAY = f"""
WITH stray AS (
    SELECT id, provider FROM tasks WHERE holder IS NULL AND parked IS NULL AND status IN {LEFT}
    UNION ALL
    SELECT id, provider FROM tasks WHERE holder = ANY(%(dead)s) AND parked IS NULL AND status IN {LEFT}
), lost AS MATERIALIZED (
    SELECT id, provider FROM stray WHERE NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs AS job
        WHERE job.queueing_lock = stray.id AND job.status IN ('todo', 'doing')
    ) AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs AS lane
        WHERE lane.queue_name = queue_of(stray.provider) || ':lanes' AND lane.status IN ('todo', 'doing')
            AND bucket_of(stray.id) %% (lane.args ->> 'lanes')::integer = (lane.args ->> 'shard')::integer
    ) LIMIT {_SWEPT}
)
SELECT count(*) FILTER (WHERE enqueue(id, provider, %(lanes)s)) AS tasks FROM lost
"""  # noqa: S608 -- constants of this file
_TELL = """
SELECT pg_notify('procrastinate_queue_v1#' || queue, '{"type": "job_inserted", "job_id": 0}')
FROM unnest(%(queues)s::text[]) AS queue
"""


class Rescue:
    """Goes its rounds in every worker; whoever comes first does what there is to do."""

    def __init__(self, connector: Connector, jobs: Collection[Jobs], dead: list[str], lanes: int) -> None:
        """Take the list that is to name the holders which are dead."""
        self._connector = connector
        self._jobs = jobs
        self._dead = dead
        self._lanes = lanes
        self._swept_at = time.monotonic()
        self._steady = True

    async def run(self) -> None:
        """Go round for ever; a round that fails is told, and the next one begins as usual."""
        while True:
            try:
                await self.round()
            except ConnectorException as error:
                log.warning("A search for what dead workers left failed: %s", clean(error.__cause__ or error))
            await asyncio.sleep(LAP)

    async def round(self) -> None:
        """Put back what is somebody's who does not live; nobody is judged who had no time to show that he does."""
        if not self._connector.steady_for(LAP):
            self._steady = False
        elif not self._steady:  # what was under way when the server went away
            self._steady = True
            for jobs in self._jobs:
                await jobs.put_back_unknown()
        if not self._connector.steady_for(STALLED):
            self._dead.clear()
            return
        self._dead[:] = [row["holder"] for row in await self._rows(_DEAD)]
        stalled = await self._rows(_STALLED, stalled=STALLED, drive=DRIVE, lane=LANE)
        if stalled:
            log.info("%d jobs of workers that ended are in the queue again.", sum(row["jobs"] for row in stalled))
            await self._rows(_TELL, queues=[row["queue_name"] for row in stalled])
        if time.monotonic() - self._swept_at >= SWEEP:
            self._swept_at = time.monotonic()
            lost = (await self._rows(_STRAY, dead=self._dead, lanes=self._lanes))[0]["tasks"]
            if lost:
                log.info("%d tasks that nobody has were put into the queue.", lost)

    async def _rows(self, query: str, **arguments: Any) -> list[dict[str, Any]]:
        return await self._connector.execute_query_all_async(query, **arguments)
