"""Ctrl-C and SIGTERM as an outcome: the command stops waiting in good order, and the job goes on."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def stopped_before(work: Coroutine[Any, Any, None]) -> bool:
    """Do the work until it is done or the first signal comes; tell whether it was the signal.

    A second signal acts as if nothing were set up here, so that nobody is kept waiting.
    """
    doing = asyncio.create_task(work)
    with _heard() as stop:
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                doing.cancel()
                await asyncio.wait({doing})
        finally:
            stopping.cancel()
            doing.cancel()
    if doing.cancelled():
        return True
    doing.result()  # raises what the work raised
    return stop.is_set()


@contextmanager
def _heard() -> Iterator[asyncio.Event]:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    listening: list[signal.Signals] = []

    def heard() -> None:
        stop.set()
        while listening:
            loop.remove_signal_handler(listening.pop())

    try:
        for number in _SIGNALS:
            loop.add_signal_handler(number, heard)
            listening.append(number)
    except (NotImplementedError, RuntimeError):
        listening.clear()  # not on this loop or thread: Ctrl-C comes as KeyboardInterrupt, which start.py answers
    try:
        yield stop
    finally:
        while listening:
            loop.remove_signal_handler(listening.pop())
