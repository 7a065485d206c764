"""A task as Tripo describes it, turned into an observation; reads both generations of the API."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from taskferry import JSON, AdapterError, Cost, MalformedReply, Observation, Reply, Status, clean, decimal, dig
from taskferry_tripo.errors import task_failure
from taskferry_tripo.outputs import artifacts
from taskferry_tripo.statuses import status_of

_TOO_MANY = 1e12
"""No count of jobs or seconds is as high."""


def observation(
    task: Mapping[str, Any], *, raw: bytes | None = None, retry_after: float | None = None, trace_id: str | None = None
) -> Observation:
    """Read a task object; progress counts only while it runs, cost and output only at its end.

    v3 dropped the queue position and the time left; where a reply still has them they are read.
    """
    word, status = task.get("status"), status_of(task)
    return Observation(
        provider_status=clean(word, 80) if isinstance(word, str) else None,
        status=status,
        progress=_share(task.get("progress")) if status is Status.RUNNING else None,
        queue_position=_count(task.get("queuing_num")),
        eta=_count(task.get("running_left_time")),
        artifacts=artifacts(task.get("output")) if status is Status.SUCCEEDED else (),
        cost=_cost(task) if status is not None and status.terminal else None,
        failure=task_failure(task, status),
        raw=raw,
        retry_after=retry_after,
        trace_id=trace_id,
    )


def fetched(reply: Reply) -> Observation:
    """Read the reply to a look at one task; raise MalformedReply if it shows no state."""
    reply.at("data.status", str)
    return observation(reply.at("data", dict))


def observations(reply: Reply, task_ids: Sequence[str]) -> Sequence[Observation | None]:
    """Read the reply to a look at many tasks, in the order asked; None for one that it does not show."""
    tasks = reply.at("data.tasks", dict)
    return [_of_many(tasks.get(task_id), reply) for task_id in task_ids]


def _of_many(task: object, reply: Reply) -> Observation | None:
    if not isinstance(task, Mapping) or not isinstance(task.get("status"), str):
        return None
    return observation(task, raw=json.dumps(task).encode(), retry_after=reply.retry_after, trace_id=reply.trace_id)


def task_id_of(remote: JSON) -> str:
    """Give the task id that a `remote` of ours holds; raise AdapterError if it is not one of ours."""
    value = dig(remote, "task_id")
    if not isinstance(value, str) or not value:
        raise AdapterError(f"A Tripo job is kept as {{'task_id': ...}}, not as {remote!r}.")
    return value


def created_task_id(reply: Reply) -> str:
    """Give the id that a create reply names; raise MalformedReply without one, for then a paid job may be lost."""
    task_id = reply.at("data.task_id", str)
    if not task_id:
        raise MalformedReply("Tripo's create reply came with an empty task_id.")
    return task_id


def _share(value: object) -> float | None:
    number = _number(value)
    return None if number is None else number / 100


def _count(value: object) -> int | None:
    """Read a count or whole seconds; -1 is Tripo's word for neither."""
    number = _number(value)
    return None if number is None else int(number)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value < _TOO_MANY else None


def _cost(task: Mapping[str, Any]) -> Cost | None:
    value = task.get("credits_consumed")
    actual = decimal(task.get("consumed_credit") if value is None else value)
    return None if actual is None else Cost(actual=actual, unit="credits")
