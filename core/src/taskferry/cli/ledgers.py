"""Reads the ledger directly, for commands that only show what is in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskferry.errors import LedgerError, UnknownName
from taskferry.ledger import open_ledger
from taskferry.ledger.choosing import open_ledger_for
from taskferry.ledger.opening import FILE, is_older
from taskferry.ledger.protocol import LedgerProtocol
from taskferry.ledger.record import Record
from taskferry.settings import home_folder, shared_ledger
from taskferry.token import read_token


def is_there(home: Path) -> bool:
    """Tell whether there is a ledger: a shared one, or a file that something was submitted to."""
    return shared_ledger(os.environ) is not None or (home / FILE).exists()


@contextmanager
def reading() -> Iterator[LedgerProtocol | None]:
    """Open the ledger for reading, brought up to date first; give None where nothing was ever submitted."""
    home = home_folder()
    if not is_there(home):
        yield None
        return
    ledger = _opened(home)
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def existing(*, readonly: bool = True) -> Iterator[LedgerProtocol]:
    """Open the ledger; raise LedgerError where there is none, and make nothing."""
    home = home_folder()
    if not is_there(home):
        raise LedgerError(f"There is no ledger at {home / FILE}: nothing was submitted from this home yet.")
    with _opened(home) if readonly else open_ledger_for(home) as ledger:
        yield ledger


def _opened(home: Path) -> LedgerProtocol:
    try:
        return open_ledger_for(home, readonly=True)
    except LedgerError:
        if shared_ledger(os.environ) or not is_older(home):
            raise
    open_ledger(home).close()
    return open_ledger(home, readonly=True)


def found(ledger: LedgerProtocol | None, text: str) -> Record:
    """Find a task by id, the start of one, or token; raise UnknownName where there is none."""
    if ledger is None:
        raise UnknownName("task", text, (), f"Nothing was submitted from {home_folder()} yet.")
    return ledger.find(read_token(text))
