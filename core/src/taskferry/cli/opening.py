"""Opens what a command works with: a ferry, for commands that go to a provider, or the ledger, for those that read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from taskferry.cli.output import note

if TYPE_CHECKING:
    from taskferry.ferry import Ferry

T = TypeVar("T")


class _Notes(logging.Handler):
    """Shows warnings as lines on stderr, also while a live display is on it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Show one message, without the traceback that is of no use at the keyboard."""
        note(f"{record.levelname.lower()}: {record.getMessage()}")


def new_ferry(**settings: Any) -> Ferry:
    """Give a ferry, yet to be entered, whose caller is the command line; `settings` are its own."""
    from taskferry.ferry import Ferry  # brings in httpx: only for commands that go to a provider

    log = logging.getLogger("taskferry")
    if not any(isinstance(handler, _Notes) for handler in log.handlers):
        log.addHandler(_Notes(level=logging.WARNING))
        log.propagate = False
    return Ferry(**{"caller": "cli", **settings})


def with_ferry(work: Callable[[Ferry], Coroutine[Any, Any, T]]) -> T:
    """Open a ferry, do the work with it and close it again."""

    async def opened() -> T:
        async with new_ferry() as ferry:
            return await work(ferry)

    return asyncio.run(opened())
