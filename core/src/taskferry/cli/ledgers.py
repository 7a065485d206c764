"""Reads the ledger directly, for commands that only show what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from taskferry.errors import UnknownName
from taskferry.ledger import Ledger, open_ledger
from taskferry.ledger.opening import FILE
from taskferry.ledger.record import Record
from taskferry.settings import home_folder
from taskferry.token import read_token


@contextmanager
def reading() -> Iterator[Ledger | None]:
    """Open the ledger for reading; give None where nothing was ever submitted, and make nothing."""
    home = home_folder()
    if not (home / FILE).exists():
        yield None
        return
    ledger = open_ledger(home, readonly=True)
    try:
        yield ledger
    finally:
        ledger.close()


def found(ledger: Ledger | None, text: str) -> Record:
    """Find a task by id, the start of one, or token; raise UnknownName where there is none."""
    if ledger is None:
        raise UnknownName("task", text, (), f"Nothing was submitted from {home_folder()} yet.")
    return ledger.find(read_token(text))
