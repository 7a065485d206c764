"""Opens the ferry of a command that goes to a provider."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from taskferry.cli.importing import much_to_import
from taskferry.cli.output import note

if TYPE_CHECKING:
    from taskferry.ferry import Ferry

T = TypeVar("T")


class _Notes(logging.Handler):
    """Shows warnings as lines on stderr, also while a live display is on it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Show one message, without the traceback that is of no use at the keyboard."""
        note(f"{record.levelname.lower()}: {record.getMessage()}")


SETTINGS: dict[str, Any] = {"caller": "cli"}
"""What every ferry of the command line is made with."""


def new_ferry(**settings: Any) -> Ferry:
    """Give a ferry, yet to be opened; `settings` are its own."""
    with much_to_import():
        from taskferry.ferry import Ferry  # brings in httpx: only for commands that go to a provider

    return Ferry(**{**SETTINGS, **settings})


@asynccontextmanager
async def opened_ferry(**settings: Any) -> AsyncIterator[Ferry]:
    """Open a ferry whose warnings go to stderr while it is open."""
    log, notes = logging.getLogger("taskferry"), _Notes(level=logging.WARNING)
    log.addHandler(notes)
    try:
        async with new_ferry(**settings) as ferry:
            yield ferry
    finally:
        log.removeHandler(notes)


def with_ferry(work: Callable[[Ferry], Coroutine[Any, Any, T]]) -> T:
    """Open a ferry, do the work with it and close it again."""

    async def done() -> T:
        async with opened_ferry() as ferry:
            return await work(ferry)

    return asyncio.run(done())
