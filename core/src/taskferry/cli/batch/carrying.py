"""Sends the rows of a batch, so many at once, and waits for each; a row that was sent before is found again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from taskferry.cli.batch.progress import BatchProgress
from taskferry.cli.batch.results import Result, Results
from taskferry.cli.batch.rows import Row
from taskferry.cli.opening import opened_ferry
from taskferry.cli.output import note
from taskferry.cli.stopping import stopped_before
from taskferry.cli.waiting import saved_to
from taskferry.errors import (
    FailureKind,
    LedgerError,
    MissingKey,
    PluginError,
    ProviderError,
    TaskferryError,
    TaskTaken,
    WireError,
)
from taskferry.status import Status

if TYPE_CHECKING:
    from taskferry.ferry import Ferry
    from taskferry.handle import FerryTask

_FATAL = (MissingKey, LedgerError, PluginError)
"""What would stop every other row, too."""
_IN_DOUBT = (Status.SUBMITTING, Status.UNCONFIRMED)
_MOST = 10_000


@frozen(kw_only=True)
class Order:
    """How the rows of a batch are to be sent."""

    folder: Path
    at_once: int
    max_cost: str | None = None
    allow_unpriced: bool = False


def carry(rows: Sequence[Row], order: Order, results: Results, shown: BatchProgress) -> bool:
    """Carry all rows; tell whether a signal ended it before that. Raise what would stop every row."""
    return asyncio.run(_carry(rows, order, results, shown))


async def _carry(rows: Sequence[Row], order: Order, results: Results, shown: BatchProgress) -> bool:
    async with opened_ferry() as ferry:

        async def work() -> None:
            await _settle({row.key for row in rows}, ferry)
            await _together(ferry, iter(rows), order, results, shown)

        return await stopped_before(work())


async def _settle(keys: set[str], ferry: Ferry) -> None:
    """Find out what became of creates that were out when an earlier run was killed, before anything new is sent.

    A provider lists its latest jobs alone: new ones would push those that are looked for off its list.
    """
    for record in await ferry.recent(_MOST, statuses=_IN_DOUBT, caller=ferry.caller):
        key = record.job.idempotency_key or ""
        if key not in keys and key.rpartition(":")[0] not in keys:
            continue
        try:
            await ferry.reconcile(record.id)
        except (TaskTaken, ProviderError, WireError) as error:
            note(f"{record.id} stays {record.snapshot.status}: {error}")


async def _together(ferry: Ferry, left: Iterator[Row], order: Order, results: Results, shown: BatchProgress) -> None:
    async def one_after_the_other() -> None:
        for row in left:
            result = await _result(ferry, row, order)
            results.add(result)
            shown.add(result)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(order.at_once):
                group.create_task(one_after_the_other())
    except ExceptionGroup as troubles:
        raise troubles.exceptions[0] from None  # what stops one row stops each of them in the same way


async def _result(ferry: Ferry, row: Row, order: Order) -> Result:
    try:
        task = await _task(ferry, row, order)
        await task.wait()
        return Result(row=row, record=await _kept_in(order.folder, task))
    except _FATAL:
        raise
    except TaskferryError as error:
        return Result(row=row, error=error)


async def _task(ferry: Ferry, row: Row, order: Order) -> FerryTask:
    """Give the task of a row; after one of an earlier run that never reached the provider there is another."""
    attempt = 1
    while True:
        task = await _submitted(ferry, row, order, attempt)
        failure = task.snapshot.failure
        unsent = task.snapshot.status is Status.REFUSED and failure and failure.kind is FailureKind.NOT_SENT
        if not (task.duplicate and unsent):
            return task
        attempt += 1


async def _submitted(ferry: Ferry, row: Row, order: Order, attempt: int) -> FerryTask:
    return await ferry.submit(
        row.operation,
        row.parameters,
        idempotency_key=row.key if attempt == 1 else f"{row.key}:{attempt}",
        folder=order.folder,
        max_cost=order.max_cost,
        allow_unpriced=order.allow_unpriced,
    )


async def _kept_in(folder: Path, task: FerryTask) -> Any:
    """Give the task's record, its files copied into the folder if an earlier run kept them elsewhere."""
    paths = [one.path for one in task.snapshot.artifacts if one.path is not None]
    if not (task.duplicate and task.snapshot.kept) or all(path.is_relative_to(folder) for path in paths):
        return task.record
    from taskferry.artifacts import folder_for

    return await saved_to(task, folder_for(folder, task.record))
