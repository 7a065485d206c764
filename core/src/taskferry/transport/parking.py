"""Keeps pyreqwest's thread out of a Python that ends, which would abort the process (python/cpython#87135)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable
from contextvars import Context
from typing import TypeVarTuple, Unpack

from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.request import RequestBuilder

Ts = TypeVarTuple("Ts")

_PATIENCE = 1.0
"""Seconds that the thread has to come; it does within a millisecond unless the machine is overloaded."""
_FOR_GOOD = 1e9


class _Trap(asyncio.SelectorEventLoop):
    """Holds the thread that brings it a reply."""

    def __init__(self) -> None:
        super().__init__()
        self.shut = False
        self._owner = threading.get_ident()

    def call_soon_threadsafe(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Never come back to a thread of another; the sleep has let go of Python's lock once `shut` can be read."""
        if threading.get_ident() != self._owner:
            self.shut = True
            time.sleep(_FOR_GOOD)
        return super().call_soon_threadsafe(callback, *args, context=context)


def park(process: int) -> None:
    """Hold the thread on which all of pyreqwest's clients live, until the process ends; no later request is answered.

    Requests outlive whoever awaited them, closed clients too, and pyreqwest has no way to stop its thread. `process` is
    the one that began them; what was forked from it has no such thread.
    """
    if os.getpid() != process:
        return
    trap = _Trap()
    client = ClientBuilder().no_proxy().runtime_multithreaded(False).build()
    asked: asyncio.Task[None] | None = None
    end = time.monotonic() + _PATIENCE
    while not trap.shut and time.monotonic() < end:
        if asked is None or asked.done():  # done at once: the reply was there before anybody waited for it
            asked = trap.create_task(_ask(client.get("park://here")))
        trap.call_soon(trap.stop)
        trap.run_forever()
        time.sleep(0.0005)
    if asked is not None:
        asked.cancel()
        trap.run_until_complete(asked)
    trap.close()


async def _ask(request: RequestBuilder) -> None:
    """Ask for what is refused without a connection."""
    with contextlib.suppress(asyncio.CancelledError, PyreqwestError):
        await request.build().send()
