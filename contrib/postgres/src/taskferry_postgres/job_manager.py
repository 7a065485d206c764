"""Procrastinate's job manager for thousands of jobs: they are fetched, finished and put back many at a time."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from procrastinate.connector import BaseConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from psycopg import errors

_MOST = 64
"""Jobs of one fetch at most: others want some, too."""

_FETCH = """
SELECT (job).id, (job).status, (job).task_name, (job).priority, (job).lock, (job).queueing_lock, (job).args,
    (job).scheduled_at, (job).queue_name, (job).attempts, (job).worker_id
FROM (
    SELECT procrastinate_fetch_job_v2(%(queues)s::varchar[], %(worker)s) AS job
    FROM generate_series(1, %(many)s) OFFSET 0
) AS fetched WHERE (job).id IS NOT NULL
"""
_MINE = "SELECT id FROM procrastinate_jobs WHERE worker_id = %(worker)s AND status = 'doing'"
_FINISH = f"""
SELECT procrastinate_finish_job_v1(id, %(status)s, %(delete)s)
FROM (SELECT id FROM ({_MINE}) AS mine WHERE id = ANY(%(ids)s) OFFSET 0) AS ended
"""  # noqa: S608 -- constants of this file
"""Somebody who held this worker for dead may have put a job back, or even ended it, meanwhile."""
_RETRY = """
SELECT procrastinate_retry_job_v2(mine.id, given.at, NULL, NULL, NULL)
FROM unnest(%(ids)s::bigint[], %(times)s::timestamptz[]) AS given (id, at)
JOIN (SELECT id FROM procrastinate_jobs WHERE worker_id = %(worker)s AND status = 'doing' OFFSET 0) AS mine
    ON mine.id = given.id
"""
_RETRY_ALL = f"""
WITH back AS MATERIALIZED (
    SELECT procrastinate_retry_job_v2(id, NULL, NULL, NULL, NULL) FROM ({_MINE} FOR UPDATE) AS mine
    WHERE id <> ALL (%(but)s::bigint[])
) SELECT count(*) AS jobs FROM back
"""  # noqa: S608 -- constants of this file
_REVIVE = """
INSERT INTO procrastinate_workers (id) OVERRIDING SYSTEM VALUE VALUES (%(worker)s)
ON CONFLICT (id) DO UPDATE SET last_heartbeat = now()
"""


class Jobs(JobManager):
    """The jobs of one Procrastinate worker, which is known anew as soon as it says that it lives."""

    def __init__(self, connector: BaseConnector, room: Callable[[], int]) -> None:
        """Take how many more jobs there is room for."""
        super().__init__(connector)
        self._room = room
        self._worker = 0
        self._ready: deque[Job] = deque()
        self._out: dict[str, int] = {}
        """Ids of the jobs that are run, or will be, by their names."""
        self._many = 1
        self._fetching = asyncio.Lock()
        self._finishing = _Batches(self._finish)
        self._putting_back = _Batches(self._put_back)
        self._ending = False

    @property
    def out(self) -> int:
        """Give how many jobs are run, or will be."""
        return len(self._out)

    @property
    def is_full(self) -> bool:
        """Tell whether there is neither a job to run nor room for one more."""
        return not self._ready and not self._ending and self._room() <= 0

    def end_soon(self) -> None:
        """Fetch no more, and put all jobs back at once when the worker says that it ends."""
        self._ending = True

    async def register_worker(self) -> int:
        """Become a worker."""
        self._worker = await super().register_worker()
        return self._worker

    async def unregister_worker(self, worker_id: int) -> None:
        """Put back what was fetched and has not come to its end, then be a worker no more."""
        self._ready.clear()
        self._out.clear()
        await self._finishing.all_done()
        await self.put_back_unknown(all_of_them=True)
        await super().unregister_worker(worker_id)

    async def update_heartbeat(self, worker_id: int) -> None:
        """Say that the worker lives; it is put back if it was taken for dead."""
        await self._run(_REVIVE, worker=worker_id)

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Give the next job; more of them are fetched with it as long as there are many, and room for them."""
        if not self._ready and not self._ending and self._room() > 0:
            async with self._fetching:
                self._ready.extend(await self._fetch(list(queues or ()), worker_id))
                self._out.update((_name(job), job.id) for job in self._ready if job.id is not None)
        return self._ready.popleft() if self._ready and not self._ending else None

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """End a job, unless it is somebody else's by now."""
        self._out.pop(_name(job), None)
        await self._finishing.add((job.id, status.value, delete_job))

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,  # noqa: ARG002 -- a job stays as it was
        queue: str | None = None,  # noqa: ARG002 -- a job stays as it was
        lock: str | None = None,  # noqa: ARG002 -- a job stays as it was
    ) -> None:
        """Put a job back, unless it is somebody else's by now; at the end of the worker all are put back in one go."""
        self._out.pop(_name(job), None)  # before it is put back: it may come here again at once
        if not self._ending:
            await self._putting_back.add((job.id, retry_at))

    async def put_back_unknown(self, *, all_of_them: bool = False) -> int:
        """Put back the jobs that the server gave to this worker, though their names were lost on the way."""
        async with self._fetching:
            but: list[int] = [] if all_of_them else list(self._out.values())
            rows = await self.connector.execute_query_all_async(_RETRY_ALL, worker=self._worker, but=but)
        return int(rows[0]["jobs"])

    async def _fetch(self, queues: list[str], worker_id: int) -> list[Job]:
        many = min(self._many, self._room())
        try:
            rows = await self.connector.execute_query_all_async(_FETCH, queues=queues, worker=worker_id, many=many)
        except ConnectorException as error:
            if not isinstance(error.__cause__, errors.ForeignKeyViolation):
                raise
            await self.update_heartbeat(worker_id)  # it stood still for so long that it was forgotten
            rows = []
        self._many = min(self._many * 2, _MOST) if len(rows) == many else 1
        return [Job.from_row(_shared(row)) for row in rows]

    async def _finish(self, ended: list[Any]) -> None:
        kinds: dict[tuple[str, bool], list[int]] = {}
        for job_id, status, delete in ended:
            kinds.setdefault((status, delete), []).append(job_id)
        for (status, delete), ids in kinds.items():
            await self._run(_FINISH, worker=self._worker, ids=ids, status=status, delete=delete)

    async def _put_back(self, jobs: list[Any]) -> None:
        ids, times = zip(*jobs, strict=True)
        await self._run(_RETRY, worker=self._worker, ids=list(ids), times=list(times))

    async def _run(self, query: str, **arguments: Any) -> None:
        await self.connector.execute_query_async(query, **arguments)


def _name(job: Job) -> str:
    """Give what tells it from others: its task or lane; none of those has two jobs at a time."""
    return job.queueing_lock or str(job.id)


def _shared(row: dict[str, Any]) -> dict[str, Any]:
    """Give a row whose texts are not kept once for every job."""
    only_one = row["queueing_lock"]
    args = {sys.intern(name): only_one if value == only_one else value for name, value in row["args"].items()}
    same = {name: sys.intern(row[name]) for name in ("status", "task_name", "queue_name")}
    return {**row, **same, "args": args}


class _Batches:
    """Gathers what is asked for while a statement is under way, and does all of it with the next one."""

    def __init__(self, run: Callable[[list[Any]], Any]) -> None:
        self._run = run
        self._waiting: list[tuple[Any, asyncio.Future[None]]] = []
        self._running: asyncio.Task[None] | None = None

    def add(self, item: Any) -> asyncio.Future[None]:
        """Give what is done when it is."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._running is None:
            self._running = asyncio.create_task(self._work())
        return done

    async def all_done(self) -> None:
        """Come back when nothing waits any more."""
        if self._running is not None:
            await asyncio.wait({self._running})

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:500], self._waiting[500:]
                outcome = (await asyncio.gather(self._run([item for item, _ in batch]), return_exceptions=True))[0]
                for _, done in batch:
                    if done.done():
                        continue
                    if isinstance(outcome, BaseException):
                        done.set_exception(outcome)
                    else:
                        done.set_result(None)
        finally:
            self._running = None
