"""Has this process look after jobs that nobody else does, so that their progress goes on being shown."""

from __future__ import annotations

import asyncio
import logging

from taskferry.errors import TaskferryError
from taskferry.ferry import Ferry
from taskferry.ledger.record import Record
from taskferry.status import Status

log = logging.getLogger(__name__)

_PAGE = 200
_EVERY = 60.0
"""Seconds until jobs are found whose process was killed."""
_BY_ITSELF = {Status.QUEUED, Status.RUNNING, Status.SUCCEEDED}
"""What is gone on with unasked: looking and keeping files are free. Sending a job is not, so that waits for a click."""


async def keep_going_on(ferry: Ferry) -> None:
    """Take up every job that is left alone, and go on finding more until cancelled."""
    while True:
        try:
            await go_on(ferry)
        except TaskferryError as error:
            log.warning("Jobs that are left alone cannot be found at the moment: %s", error)
        await ferry.engine.clock.wait(asyncio.Event(), _EVERY)


async def go_on(ferry: Ferry) -> None:
    """Take up every job that is under way or lacks its files, and that no live process has."""
    busy: dict[str | None, bool] = {None: False}
    after = ""
    while page := await ferry.engine.call(ferry.ledger.in_flight, _PAGE, after):
        after = page[-1].id
        for found in page:
            if found.status not in _BY_ITSELF or found.parked or ferry.engine.poller.flight(found.id) is not None:
                continue
            if found.holder not in busy:
                record = await ferry.engine.call(ferry.ledger.get, found.id)
                busy[found.holder] = await ferry.engine.call(ferry.ledger.is_held_elsewhere, record)
            if not busy[found.holder]:
                await _driven(ferry, await ferry.engine.call(ferry.ledger.get, found.id))


async def go_on_with(ferry: Ferry, record: Record) -> None:
    """Take up one job that is under way, if no live process has it; one that only lacks its files is not hurried."""
    snapshot = record.snapshot
    if not snapshot.status.watched or snapshot.parked or ferry.engine.poller.flight(record.id) is not None:
        return
    if not await ferry.engine.call(ferry.ledger.is_held_elsewhere, record):
        await _driven(ferry, record)


async def _driven(ferry: Ferry, record: Record) -> None:
    """Take it up if this process has its account; the engine would park it, which is no business of a page."""
    try:
        ferry.engine.accounts.of(record.job)
        await ferry.engine.driven(record.id)
    except TaskferryError as error:
        log.info("%s is not looked after: %s", record.id, error, extra={"task": record.id})
