"""What becomes of a task whose turn went wrong in a way that nobody foresaw there."""

from __future__ import annotations

import logging

from taskferry.errors import LedgerError, TaskferryError, TaskTaken
from taskferry.poller.books import Books
from taskferry.poller.watched import Watched
from taskferry.text import clean

log = logging.getLogger("taskferry")

FOLLOW_EVERY = 0.5
"""Seconds between reads of a row that another process drives."""
_LONGEST_PAUSE = 60.0


async def survived(task: Watched, books: Books, error: Exception) -> float | None:
    """Park the task with the reason, follow it, or wait for the ledger; give the pause, None when it is parked."""
    flight = task.flight
    if isinstance(error, TaskTaken):
        log.info("%s: %s", flight.id, error)
        flight.foreign, flight.plain = True, False
        return FOLLOW_EVERY
    if isinstance(error, LedgerError):
        return _ledger_failed(task, error)
    if isinstance(error, TaskferryError):
        reason = clean(error)
    else:
        log.error("%s: a turn failed", flight.id, exc_info=error)
        reason = f"An error inside taskferry or a plugin: {type(error).__name__}: {clean(error)}"
    try:
        await books.park(task, reason)
    except LedgerError as failed:
        return _ledger_failed(task, failed)
    except TaskferryError as failed:  # the row was taken over meanwhile: its new holder drives it
        log.info("%s: %s", flight.id, failed)
        flight.foreign, flight.plain = True, False
        return FOLLOW_EVERY
    return None


def _ledger_failed(task: Watched, error: LedgerError) -> float:
    task.flight.errors += 1
    pause = min(_LONGEST_PAUSE, 2.0**task.flight.errors)
    log.error("%s: the ledger cannot be written, going on in %.0f s: %s", task.flight.id, pause, error)
    return pause
