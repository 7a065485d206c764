"""The jobs of tasks in a worker: from the queue to the end of the task, without the server."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import pytest
from procrastinate.connector import BaseConnector
from procrastinate.jobs import Status

from taskferry_postgres.queue_schema import DRIVE
from taskferry_postgres.task_jobs import TaskJobs


class Queue(BaseConnector):
    """Gives jobs, and takes down which of them were ended."""

    def __init__(self, *task_ids: str) -> None:
        self.waiting = deque(enumerate(task_ids, 1))
        self.ended: list[int] = []
        self.left_with: list[int] | None = None
        """What had been ended when the worker put back the rest; None before that."""
        self.problem: Exception | None = None

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        del query
        if "but" in arguments:
            self.left_with = list(self.ended)
            return [{"jobs": 0}]
        taken = [self.waiting.popleft() for _ in range(min(arguments["many"], len(self.waiting)))]
        return [_row(number, task_id) for number, task_id in taken]

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        del query
        if self.problem is not None:
            raise self.problem
        self.ended += arguments.get("ids", ())


def _row(number: int, task_id: str) -> dict[str, Any]:
    return {
        "id": number,
        "status": "doing",
        "task_name": DRIVE,
        "priority": 0,
        "lock": None,
        "queueing_lock": task_id,
        "args": {"task_id": task_id},
        "scheduled_at": None,
        "queue_name": "acme",
        "attempts": 0,
    }


async def turns() -> None:
    """Let all that is ready run."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_job_that_was_run_ends_only_with_its_task() -> None:
    """Procrastinate counts it as done as soon as its task is in hand; its row stays until the task is over."""
    queue = Queue("fox")
    jobs = TaskJobs(queue, slots=5)
    job = await jobs.fetch_job(["acme"], 7)
    assert job is not None

    await jobs.finish_job(job, Status.SUCCEEDED, delete_job=True)
    before, held = list(queue.ended), jobs.out
    jobs.over("fox")
    await turns()

    assert (before, held) == ([], 1)
    assert (queue.ended, jobs.out) == ([1], 0)


async def test_a_slot_that_is_freed_is_filled_at_once() -> None:
    """Whoever asks for a job while all slots are taken has one as soon as a task is over."""
    jobs = TaskJobs(Queue("fox", "owl"), slots=1)
    await jobs.fetch_job(["acme"], 7)
    asking = asyncio.create_task(jobs.fetch_job(["acme"], 7))
    await turns()
    waited = not asking.done()

    jobs.over("fox")
    found = await asking

    assert waited
    assert found is not None
    assert found.queueing_lock == "owl"


async def test_a_worker_that_is_to_stop_waits_for_no_slot() -> None:
    """It has no job then, although one waits."""
    jobs = TaskJobs(Queue("fox", "owl"), slots=1)
    await jobs.fetch_job(["acme"], 7)
    asking = asyncio.create_task(jobs.fetch_job(["acme"], 7))
    await turns()

    jobs.end_soon()

    assert await asking is None


async def test_a_job_that_is_not_held_here_any_more_is_left_alone() -> None:
    """A task that was over already, or whose job was put back, ends nobody's job."""
    queue = Queue("fox")
    jobs = TaskJobs(queue, slots=5)
    await jobs.fetch_job(["acme"], 7)
    jobs.over("fox")

    jobs.over("fox")
    jobs.over("owl")
    await turns()

    assert queue.ended == [1]


async def test_jobs_whose_tasks_are_over_end_before_a_worker_puts_back_the_rest() -> None:
    """They would be run again otherwise, only to find that there is nothing left to do."""
    queue = Queue("fox", "owl")
    jobs = TaskJobs(queue, slots=5)
    await jobs.fetch_job(["acme"], 7)
    await jobs.fetch_job(["acme"], 7)
    jobs.over("fox")

    await jobs.unregister_worker(7)

    assert queue.left_with == [1]
    assert jobs.out == 0


async def test_a_job_of_an_unknown_kind_ends_as_failed() -> None:
    """A later version's job, which has no task here that it could end with."""
    queue = Queue("fox")
    jobs = TaskJobs(queue, slots=5)
    job = await jobs.fetch_job(["acme"], 7)
    assert job is not None

    await jobs.finish_job(job, Status.FAILED, delete_job=False)

    assert (queue.ended, jobs.out) == ([1], 0)


async def test_it_is_told_when_a_job_cannot_be_ended(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for that, so the log is where it is seen; the slot is free all the same."""
    queue = Queue("fox")
    jobs = TaskJobs(queue, slots=5)
    await jobs.fetch_job(["acme"], 7)
    queue.problem = ValueError("no such function")

    jobs.over("fox")
    await turns()

    assert jobs.out == 0
    assert "could not be ended" in caplog.text
    assert "no such function" in caplog.text
