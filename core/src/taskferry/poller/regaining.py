"""Takes a row back that another process took over, while a create reply that only this one has read came in."""

from __future__ import annotations

import asyncio

from taskferry.errors import TaskTaken
from taskferry.poller.books import Books
from taskferry.poller.watched import Watched
from taskferry.status import Status

_UNCLEAR = (Status.SUBMITTING, Status.UNCONFIRMED)
_TRIES = 20
_PAUSE = 0.5
"""Seconds between tries: whoever took the row over lets it go as soon as it has said that the job is unclear."""


async def regain(task: Watched, books: Books) -> bool:
    """Hold the row again as long as nobody knows of its job; say if that is so.

    A process that stood still for longer than its lease finds its row so.
    """
    for _ in range(_TRIES):
        try:
            claimed = await books.thread.write(books.ledger.claim, task.record.id)
        except TaskTaken:
            await books.clock.wait(asyncio.Event(), _PAUSE)
            continue
        if claimed.snapshot.status in _UNCLEAR and claimed.remote is None:
            books.publish(task, claimed, task.snapshot)
            return True
        await books.thread.write(books.ledger.release, claimed.id)
        return False
    return False
