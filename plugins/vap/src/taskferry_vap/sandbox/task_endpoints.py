"""Creates and reads of tasks, edits, presets and generations, which are all tasks by some name; and their list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen
from starlette.responses import JSONResponse, Response

from taskferry.sandbox import Context, Endpoint, Job
from taskferry_vap.sandbox.documents import (
    Show,
    execution_document,
    generation_document,
    money,
    operation_document,
    status_word,
    task_document,
)
from taskferry_vap.sandbox.errors import fail
from taskferry_vap.sandbox.orders import Order, body_of, read_generation, read_operation, read_preset, read_task
from taskferry_vap.sandbox.products import OPERATIONS, PRESETS, TYPES

if TYPE_CHECKING:
    from taskferry_vap.sandbox.service import VapStandIn

STATUS_FILTERS = {
    "pending": ("pending", "queued"),
    "queued": ("queued",),
    "processing": ("processing", "executing"),
    "executing": ("executing",),
    "completed": ("completed",),
    "failed": ("failed",),
}


@frozen(kw_only=True)
class Family:
    """One pair of endpoints: create and read."""

    path: str
    """Of the create; a read has an id after it."""
    read_path: str = ""
    """Of the read, where it is not that of the create."""
    order: Callable[[VapStandIn, Context, Mapping[str, Any]], Order]
    """Reads the body of a create."""
    says: tuple[str, ...]
    """Fields of the document that the reply of a create has too."""
    types: frozenset[str]
    """Which tasks can be read here."""
    show: Show


_ANY = frozenset({*TYPES, *OPERATIONS, *PRESETS})
OPERATION_SAYS = ("operation_id", "task_id", "operation")

FAMILIES = (
    Family(
        path="/v3/tasks",
        order=lambda _, context, body: read_task(context, body),
        says=("task_id",),
        types=_ANY,
        show=task_document,
    ),
    Family(
        path="/v3/operations",
        order=lambda stand_in, context, body: read_operation(stand_in, context, body),
        says=OPERATION_SAYS,
        types=frozenset(OPERATIONS),
        show=operation_document,
    ),
    Family(
        path="/v3/execute",
        read_path="/v3/executions",
        order=lambda _, context, body: read_preset(context, body),
        says=("task_id", "execution_id", "preset"),
        types=frozenset(PRESETS),
        show=execution_document,
    ),
    Family(
        path="/api/v1/generations",
        order=lambda _, context, body: read_generation(context, body),
        says=("generation_id", "task_id", "kind"),
        types=frozenset(TYPES),
        show=generation_document,
    ),
    Family(
        path="/api/v1/operations",
        order=lambda stand_in, context, body: read_operation(stand_in, context, body),
        says=OPERATION_SAYS,
        types=frozenset(OPERATIONS),
        show=operation_document,
    ),
)


def endpoints(stand_in: VapStandIn) -> Sequence[Endpoint]:
    """List the endpoints of every family, and the list."""

    async def listed(context: Context) -> Response:
        return JSONResponse(task_list(stand_in, context, context.request.query_params))

    found = [Endpoint(method="GET", path="/v3/tasks", handler=listed, kind="read")]
    for family in FAMILIES:
        read_path = f"{family.read_path or family.path}/{{task_id}}"
        found += [
            Endpoint(method="POST", path=family.path, handler=_creator(stand_in, family), kind="create"),
            Endpoint(method="GET", path=read_path, handler=_reader(stand_in, family), kind="read"),
        ]
    return found


def task_list(stand_in: VapStandIn, context: Context, query: Mapping[str, Any]) -> dict[str, Any]:
    """List the account's tasks, newest first; answer 422 for a limit or status that is none."""
    limit, status = str(query.get("limit", "10")), query.get("status")
    if not limit.isdecimal() or not 1 <= int(limit) <= 50:
        fail(context, "invalid_parameters", errors={"limit": f"must be from 1 to 50, not {limit!r}"})
    if status is not None and status not in STATUS_FILTERS:
        wrong = f"must be one of {', '.join(STATUS_FILTERS)}, not {status!r}"
        fail(context, "invalid_parameters", errors={"status": wrong})
    jobs = stand_in.jobs.of(context.account.id)
    if status is not None:
        jobs = [job for job in jobs if status_word(job, context.now) in STATUS_FILTERS[status]]
    shown = jobs[: int(limit)]
    context.entry.task_ids = tuple(job.id for job in shown)
    tasks = [stand_in.document(context, job, task_document) for job in shown]
    return {"tasks": tasks, "total": len(jobs), "limit": int(limit), "offset": 0}


def _creator(stand_in: VapStandIn, family: Family) -> Callable[[Context], Awaitable[Response]]:
    async def create(context: Context) -> Response:
        order = family.order(stand_in, context, await body_of(context))
        job = await stand_in.take(context, order)
        return JSONResponse(accepted(job, stand_in.document(context, job, family.show), family.says))

    return create


def accepted(job: Job, document: Mapping[str, Any], says: Sequence[str]) -> dict[str, Any]:
    """Say that a task was taken in, with some fields of its document."""
    said = {name: document[name] for name in says}
    return {**said, "status": "pending", "estimated_cost": money(job.price, job)}


def _reader(stand_in: VapStandIn, family: Family) -> Callable[[Context], Awaitable[Response]]:
    async def read(context: Context) -> Response:
        job = await stand_in.find(context, context.request.path_params["task_id"])
        if job.type not in family.types:
            fail(context, "task_not_found")
        return stand_in.shown(context, job, family.show)

    return read
