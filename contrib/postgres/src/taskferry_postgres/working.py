"""A process that works: Procrastinate hands it tasks, it drives them, and puts them back when it is to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from taskferry import LedgerError, UnknownName, clean
from taskferry.ledger.backend import Driver
from taskferry_postgres.address import Address
from taskferry_postgres.claiming import Claims
from taskferry_postgres.connector import Connector
from taskferry_postgres.job_manager import Jobs
from taskferry_postgres.lanes import GivenBack, LaneJobs, Lanes
from taskferry_postgres.queue_logs import quieted
from taskferry_postgres.queue_schema import BUCKETS, DRIVE, LANE, lanes_channel, queue_of
from taskferry_postgres.rescue import Rescue
from taskferry_postgres.serving import Serving
from taskferry_postgres.task_jobs import TaskJobs

log = logging.getLogger("taskferry")

HEARTBEAT = 2.0
"""Seconds between two signs of life of a worker."""
_LOOK_EVERY = 1.0
"""Seconds after which the queue is asked although nothing was told."""
_NEVER = 3600.0
_AGAIN = 5
"""Seconds until a job is tried again that failed for what does not lie in its task."""


class _PutBack(BaseRetryStrategy):
    """Puts every job back: at the end of the worker at once, after a failure a little later."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """Say when it may be fetched again."""
        if isinstance(exception, asyncio.CancelledError | GivenBack):
            return RetryDecision()
        level = logging.WARNING if isinstance(exception, LedgerError) else logging.ERROR
        told = None if isinstance(exception, LedgerError) else exception
        log.log(level, "%s is tried again in %d s: %s", job.queueing_lock, _AGAIN, clean(exception), exc_info=told)
        return RetryDecision(retry_in={"seconds": _AGAIN})


async def work(
    address: Address, serving: Serving, claims: Claims, driver: Driver, *, slots: int, stop: asyncio.Event
) -> None:
    """Hand tasks of the providers that are served here to the driver until `stop` is set, then put them back."""
    dead: list[str] = []
    channels: dict[str, Callable[[str], None]] = {}
    connector = Connector(address, channels)
    lanes = Lanes(connector, claims, serving, driver, dead, slots)
    channels[lanes_channel(address.schema)] = lanes.ring
    jobs = TaskJobs(connector, slots)
    lane_jobs = LaneJobs(connector, lanes)
    rescue = Rescue(connector, (jobs, lane_jobs), dead, address.lanes)
    with quieted():
        tasks_worker = _worker(_app(connector, jobs, driver), [queue_of(name) for name in serving.here], slots)
        lanes_worker = _worker(_lanes_app(connector, lane_jobs, lanes), lanes.queues, BUCKETS, listen=False)
        await asyncio.to_thread(serving.say, serving.here)
        await connector.begin()
        try:
            async with asyncio.TaskGroup() as group:
                others = [group.create_task(rescue.run()), group.create_task(lanes.claim())]
                workers = [
                    group.create_task(_run_until(stop, worker, own, connector))
                    for worker, own in ((tasks_worker, jobs), (lanes_worker, lane_jobs))
                ]
                await asyncio.wait(workers)
                for other in others:
                    other.cancel()
        finally:
            await connector.end()
            await asyncio.to_thread(_serve_no_more, serving)


def _serve_no_more(serving: Serving) -> None:
    try:
        serving.say(())
    except LedgerError as error:
        log.warning("Others count on this worker until its lease has ended: %s", clean(error))


def _app(connector: Connector, jobs: TaskJobs, driver: Driver) -> App:
    app = App(connector=connector)
    app.job_manager = jobs
    over = jobs.over  # one for all tasks: each would keep its own

    @app.task(name=DRIVE, retry=_PutBack())
    async def drive(task_id: str) -> None:
        try:
            await driver.drive(task_id, over)
        except UnknownName as error:
            log.warning("The queue has a task that the ledger has not: %s", error, extra={"task": task_id})
            over(task_id)

    return app


def _lanes_app(connector: Connector, jobs: Jobs, lanes: Lanes) -> App:
    app = App(connector=connector)
    app.job_manager = jobs
    app.task(name=LANE, retry=_PutBack())(lanes.run)
    return app


def _worker(app: App, queues: list[str], concurrency: int, *, listen: bool = True) -> Worker:
    return Worker(
        app,
        queues=queues,
        name=None,
        concurrency=concurrency,
        fetch_job_polling_interval=_LOOK_EVERY,
        abort_job_polling_interval=_NEVER,
        shutdown_graceful_timeout=0.0,
        listen_notify=listen,
        delete_jobs="successful",
        install_signal_handlers=False,
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=_NEVER,
    )


async def _run_until(stop: asyncio.Event, worker: Worker, jobs: Jobs, connector: Connector) -> None:
    """Let a worker run until it is to stop, anew when it fails for something that nobody foresaw."""
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            running = asyncio.create_task(_run(worker))
            try:
                await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not running.done():
                    jobs.end_soon()
                    connector.end_soon()
                    running.cancel()
                    await asyncio.wait({running})
            _tell(running)
            if not stop.is_set():
                await asyncio.sleep(_LOOK_EVERY)
    finally:
        stopping.cancel()


async def _run(worker: Worker) -> None:
    await worker.run()  # type: ignore[no-untyped-call]  # it says not what it gives


def _tell(running: asyncio.Task[None]) -> None:
    error = None if running.cancelled() else running.exception()
    if error is not None:
        log.error("The work queue failed: %s", clean(error), exc_info=error)
