"""The jobs of tasks: Procrastinate is through with one as soon as its task is in hand; its row ends with the task."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from procrastinate.connector import BaseConnector
from procrastinate.jobs import Job, Status

from taskferry import clean
from taskferry_postgres.hearing import heard
from taskferry_postgres.job_manager import Jobs

log = logging.getLogger("taskferry")

_PATIENCE = 1.0
"""Seconds for which a free slot is waited for: so long a worker that is to stop may have to wait."""


class TaskJobs(Jobs):
    """Jobs of which a name and a number are kept while their tasks are in hand: a coroutine each takes 5.5 KB."""

    def __init__(self, connector: BaseConnector, slots: int) -> None:
        super().__init__(connector, lambda: slots - self.out)
        self._freed = asyncio.Event()

    def end_soon(self) -> None:
        """Fetch no more, and wait for no slot."""
        super().end_soon()
        self._freed.set()

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Give the next job, as soon as there is a slot for one."""
        if self.is_full:
            self._freed.clear()
            await heard(self._freed, _PATIENCE)
        return await super().fetch_job(queues, worker_id)

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """End a job that failed for good; one that was run ends when its task does."""
        if status is not Status.SUCCEEDED:
            await super().finish_job(job, status, delete_job)

    def over(self, task_id: str) -> None:
        """End the job of a task that nothing more is to be done for, unless it was put back meanwhile."""
        job_id = self._out.pop(task_id, None)
        if job_id is not None:
            self._freed.set()
            self._finishing.add((job_id, Status.SUCCEEDED.value, True)).add_done_callback(_tell)


def _tell(finished: asyncio.Future[None]) -> None:
    error = None if finished.cancelled() else finished.exception()
    if error is not None:
        log.error("A job whose task is over could not be ended, and is run again: %s", clean(error), exc_info=error)
