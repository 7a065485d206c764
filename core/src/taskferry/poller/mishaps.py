"""What becomes of a task whose look or turn went wrong in a way that nobody foresaw there."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from taskferry.errors import LedgerError, TaskferryError, TaskTaken, UnknownName
from taskferry.poller.books import Books
from taskferry.poller.flight import Flight
from taskferry.poller.watched import Watched
from taskferry.text import clean

log = logging.getLogger("taskferry")

FOLLOW_EVERY = 0.5
"""Seconds between reads of a row that another process drives."""
FOLLOW_TOLD = 2.0
"""The same where the ledger tells of every step: then it is about progress, and about holders that are gone."""
_LONGEST_PAUSE = 60.0


async def survived(
    flight: Flight, opened: Callable[[Flight], Awaitable[Watched]], books: Books, error: Exception
) -> float | None:
    """Park the task with the reason, follow it, or wait for the ledger; give the pause, None when it is let go.

    Raises nothing: a task whose row cannot be read or written either is tried again, and nobody else's turn suffers.
    """
    if isinstance(error, TaskTaken):
        return _taken(flight, error)
    if isinstance(error, LedgerError):
        return _ledger_failed(flight, error)
    foreseen = isinstance(error, TaskferryError)
    if not foreseen:
        log.error("%s: a turn failed", flight.id, exc_info=error, extra={"task": flight.id})
    try:
        reason = clean(error) if foreseen else f"An error inside taskferry or a plugin: {_named(error)}"
        await books.park(await opened(flight), reason)
    except UnknownName as gone:
        _let_go(flight, gone)
    except TaskTaken as taken:
        return _taken(flight, taken)
    except Exception as failed:  # noqa: BLE001 -- even then the task is tried again, and never left in the middle
        return _ledger_failed(flight, failed)
    return None


def _taken(flight: Flight, error: TaskTaken) -> float:
    """Follow a row that was taken over: its new holder drives it."""
    log.info("%s: %s", flight.id, error, extra={"task": flight.id})
    flight.foreign, flight.plain = True, False
    return FOLLOW_EVERY


def _let_go(flight: Flight, error: UnknownName) -> None:
    """Forget a task whose row is not in the ledger any more: there is nothing to hold, look at or park."""
    if not flight.foreign:  # else it was told already
        log.error(
            "%s: its row is gone, so nobody looks after it any more: %s", flight.id, error, extra={"task": flight.id}
        )
    flight.foreign, flight.plain = True, False


def _ledger_failed(flight: Flight, error: Exception) -> float:
    flight.errors += 1
    pause = min(_LONGEST_PAUSE, 2.0 ** min(flight.errors, 7))
    unforeseen = None if isinstance(error, LedgerError) else error
    log.error(
        "%s: its row cannot be used, going on in %.0f s: %s",
        flight.id,
        pause,
        _named(error),
        exc_info=unforeseen,
        extra={"task": flight.id},
    )
    return pause


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {clean(error)}"
