"""Whether the ledger is sound, and what in it needs someone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from taskferry.cli.checks.check import BROKEN, FINE, NOTE, Check
from taskferry.cli.ledgers import is_there
from taskferry.errors import TaskferryError
from taskferry.ledger.choosing import open_ledger_for
from taskferry.ledger.opening import FILE
from taskferry.ledger.protocol import LedgerProtocol
from taskferry.settings import LEDGER, shared_ledger
from taskferry.status import Status


def check_ledger(home: Path) -> Iterator[Check]:
    """Tell where the ledger is, whether it is sound, and what in it needs someone."""
    shared = shared_ledger(os.environ)
    path = LEDGER if shared else str(home / FILE)
    if not is_there(home):
        yield _no_ledger(home)
        return
    try:
        ledger = open_ledger_for(home, readonly=True)
    except TaskferryError as error:
        yield Check(name="ledger", state=BROKEN, detail=path, mend=str(error))
        return
    path = ledger.place
    try:
        problems = ledger.check()
        yield (
            Check(name="ledger", detail=f"{path}, sound")
            if not problems
            else Check(
                name="ledger",
                state=BROKEN,
                detail=f"{path}: {'; '.join(problems[:3])}",
                mend="Copy the folder away, then put a backup in its place.",
            )
        )
        if shared or os.access(home, os.W_OK):
            yield from _unfinished(ledger)
        else:
            yield Check(name="home", state=BROKEN, detail=f"{home} cannot be written", mend="Give write permission.")
    except TaskferryError as error:
        yield Check(name="ledger", state=BROKEN, detail=path, mend=str(error))
    finally:
        ledger.close()


def _no_ledger(home: Path) -> Check:
    parent = next(folder for folder in (home, *home.parents) if folder.exists())
    if parent.is_dir() and os.access(parent, os.W_OK):
        return Check(name="ledger", state=NOTE, detail=f"none yet; the first job makes {home / FILE}")
    mend = "Give write permission, or set TASKFERRY_HOME to another folder."
    return Check(name="ledger", state=BROKEN, detail=f"{home} cannot be made: {parent} cannot be written", mend=mend)


def _unfinished(ledger: LedgerProtocol) -> Iterator[Check]:
    rows = ledger.unfinished()
    unconfirmed = [row for row in rows if row.snapshot.status is Status.UNCONFIRMED]
    parked = [row for row in rows if row.snapshot.parked]
    rest = [row for row in rows if row not in unconfirmed and row not in parked]
    left = [row for row in rest if not (row.holder and ledger.is_held_elsewhere(row))]
    detail = f"{len(rest)} unfinished ({len(left)} not watched), {len(parked)} parked, {len(unconfirmed)} unconfirmed"
    mends = []
    if left or parked:
        mends.append("`taskferry resume` goes on with them.")
    if unconfirmed:
        mends.append("`taskferry reconcile` settles the unconfirmed.")
    yield Check(name="tasks", state=NOTE if mends else FINE, detail=detail, mend=" ".join(mends))
