"""Reads the ledger directly, for commands that only show what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskferry.errors import LedgerError, UnknownName
from taskferry.ledger import Ledger, open_ledger
from taskferry.ledger.opening import FILE, is_older
from taskferry.ledger.record import Record
from taskferry.settings import home_folder
from taskferry.token import read_token


@contextmanager
def reading() -> Iterator[Ledger | None]:
    """Open the ledger for reading, brought up to date first; give None where nothing was ever submitted."""
    home = home_folder()
    if not (home / FILE).exists():
        yield None
        return
    ledger = _opened(home)
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def existing(*, readonly: bool = True) -> Iterator[Ledger]:
    """Open the ledger; raise LedgerError where there is none, and make nothing."""
    home = home_folder()
    if not (home / FILE).exists():
        raise LedgerError(f"There is no ledger at {home / FILE}: nothing was submitted from this home yet.")
    with _opened(home) if readonly else open_ledger(home) as ledger:
        yield ledger


def _opened(home: Path) -> Ledger:
    try:
        return open_ledger(home, readonly=True)
    except LedgerError:
        if not is_older(home):
            raise
    open_ledger(home).close()
    return open_ledger(home, readonly=True)


def found(ledger: Ledger | None, text: str) -> Record:
    """Find a task by id, the start of one, or token; raise UnknownName where there is none."""
    if ledger is None:
        raise UnknownName("task", text, (), f"Nothing was submitted from {home_folder()} yet.")
    return ledger.find(read_token(text))
