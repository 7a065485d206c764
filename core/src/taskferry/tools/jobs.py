"""What the paying and waiting tools do with the ferry: submit once, wait within bounds, tell progress."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from taskferry.errors import TaskferryError, UnknownName
from taskferry.ferry import Ferry
from taskferry.handle import FerryTask
from taskferry.intake import SAME_WITHIN
from taskferry.ledger.record import Record
from taskferry.operation import Operation
from taskferry.parameters import validate
from taskferry.status import Status
from taskferry.task import Finished
from taskferry.tools.definition import Progress, ToolCall
from taskferry.tools.roots import Roots

_log = logging.getLogger(__name__)
_PATIENCE = 30.0
"""Seconds that a call waits for the provider's answer to its create; the submit itself goes on."""
_SEARCHED = 200
"""Tasks of a run that are looked through for the same one."""
OnCancel: TypeAlias = Literal["detach", "cancel"]


@frozen(kw_only=True)
class Order:
    """One job as a model asks for it."""

    operation: Operation
    parameters: Mapping[str, Any]
    max_cost: str | None = None
    key: str | None = None
    """The model's own name for it."""
    call: ToolCall | None = None


@frozen(kw_only=True, eq=False)
class Jobs:
    """The jobs of one toolbox."""

    ferry: Ferry
    roots: Roots
    max_cost: str | None
    allow_unpriced: bool
    on_cancel: OnCancel
    _locks: weakref.WeakValueDictionary[str, asyncio.Lock] = field(factory=weakref.WeakValueDictionary, init=False)

    async def find(self, task_id: str) -> FerryTask:
        """Give a task of this caller; raise UnknownName for anybody else's."""
        task = await self.ferry.task(task_id)
        if task.record.job.caller != self.ferry.caller:
            raise UnknownName("task", task_id, (), "list_tasks shows the tasks.")
        return task

    async def submit(self, order: Order) -> FerryTask:
        """Submit a job, unless the run has it already; raise what the ferry raises."""
        parameters = validate(order.operation, self.roots.admit(order.operation, order.parameters))
        what = json.dumps([order.operation.name, parameters], sort_keys=True, default=str)
        lock = self._locks.setdefault(hashlib.sha256(what.encode()).hexdigest(), asyncio.Lock())
        async with lock:  # a model may call twice in one breath
            existing = await self._existing(order, parameters)
            if existing is not None:
                task = await self.ferry.resume(existing.id)
                task.duplicate = True
                return task
            return await self._submitted(order, parameters)

    async def _submitted(self, order: Order, parameters: Mapping[str, Any]) -> FerryTask:
        submitting = asyncio.create_task(
            self.ferry.submit(
                order.operation.name,
                parameters,
                max_cost=", ".join(filter(None, (self.max_cost, order.max_cost))) or None,
                allow_unpriced=self.allow_unpriced,
                idempotency_key=_key(order, parameters),
                patience=_PATIENCE,
            )
        )
        try:
            return await asyncio.shield(submitting)
        except asyncio.CancelledError:
            submitting.add_done_callback(_told_if_failed)
            if self.on_cancel == "cancel":
                await (await submitting).cancel()
            raise

    async def _existing(self, order: Order, parameters: Mapping[str, Any]) -> Record | None:
        """Find the same thing asked for in this run, or moments ago; one that ended without success may be repeated."""
        if order.call is None or order.key is not None:
            return None
        name, prefix = order.operation.name, order.call.prefix
        now = self.ferry.engine.clock.now()
        for record in await self.ferry.recent(_SEARCHED, caller=self.ferry.caller):
            job, status = record.job, record.snapshot.status
            asked = job.operation if job.choice is None else job.choice.asked
            near = (job.idempotency_key or "").startswith(prefix) or record.snapshot.created_at >= now - SAME_WITHIN
            if near and (asked, job.parameters) == (name, parameters) and not (status.terminal and not status.ok):
                return record
        return None

    async def wait(self, task: FerryTask, timeout: float | None, progress: Progress | None) -> bool:
        """Wait for the end, files kept; say whether it was seen. When cancelled, do as `on_cancel` says."""
        try:
            async with _told(task, progress):
                return isinstance(await task.wait(timeout), Finished)
        except asyncio.CancelledError:
            if self.on_cancel == "cancel":
                try:
                    await task.cancel()
                except TaskferryError as error:
                    _log.warning("Task %s could not be cancelled with its run: %s", task.id, error)
            raise


def goes_on(task: FerryTask) -> bool:
    """Tell whether a task can get further by itself."""
    return task.snapshot.parked is None and task.snapshot.status is not Status.UNCONFIRMED


def _key(order: Order, parameters: Mapping[str, Any]) -> str | None:
    if order.call is None:
        return order.key
    if order.key is not None:
        return f"{order.call.prefix}{order.key}"
    return order.call.key(order.operation.name, parameters)


def _told_if_failed(submitting: asyncio.Task[FerryTask]) -> None:
    if not submitting.cancelled() and (error := submitting.exception()) is not None:
        _log.warning("A job whose call was cancelled was not submitted: %s", error)


@asynccontextmanager
async def _told(task: FerryTask, progress: Progress | None) -> AsyncIterator[None]:
    """Tell every change of a task meanwhile."""
    if progress is None:
        yield
        return
    teller = asyncio.create_task(_tell(task, progress))
    try:
        yield
    finally:
        if task.snapshot.status.terminal:
            await asyncio.wait([teller], timeout=1.0)  # what is left to tell is told at once
        teller.cancel()
        await asyncio.wait([teller])
        if not teller.cancelled() and (error := teller.exception()) is not None:
            _log.warning("The progress of task %s could not be told: %r", task.id, error)


async def _tell(task: FerryTask, progress: Progress) -> None:
    async for snapshot in task.updates():
        progress(snapshot)
