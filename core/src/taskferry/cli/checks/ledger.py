"""Whether the ledger is sound, and what in it needs someone."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from taskferry.cli.checks.check import BROKEN, FINE, NOTE, Check
from taskferry.cli.checks.workers import check_workers
from taskferry.cli.ledgers import is_there
from taskferry.errors import TaskferryError
from taskferry.ledger.choosing import open_ledger_for
from taskferry.ledger.opening import FILE
from taskferry.ledger.protocol import LedgerProtocol
from taskferry.ledger.record import InFlight
from taskferry.ledger.sharing import SharesWork
from taskferry.settings import LEDGER, shared_ledger
from taskferry.status import Status

_PAGE = 1000


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
                mend="Mend that, or restore a backup."
                if shared
                else "Copy the folder away, then put a backup in its place.",
            )
        )
        if shared or os.access(home, os.W_OK):
            yield from _unfinished(ledger)
            yield from check_workers(ledger)
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
    count: Counter[str] = Counter()
    alive: dict[str, bool] = {}
    served = ledger.backlog().served if isinstance(ledger, SharesWork) else ()
    after = ""
    while page := ledger.in_flight(_PAGE, after):
        after = page[-1].id
        for row in page:
            count[_kind(row)] += 1
            if row.holder is not None and row.holder not in alive:
                alive[row.holder] = ledger.is_held_elsewhere(ledger.get(row.id))
            if _kind(row) == "open" and not alive.get(row.holder or "") and row.provider not in served:
                count["left"] += 1
    detail = (
        f"{count['open']} unfinished ({count['left']} not watched), {count['parked']} parked, "
        f"{count['unconfirmed']} unconfirmed"
    )
    mends = []
    if count["left"] or count["parked"]:
        mends.append("`taskferry resume` goes on with them.")
    if count["unconfirmed"]:
        mends.append("`taskferry reconcile` settles the unconfirmed.")
    yield Check(name="tasks", state=NOTE if mends else FINE, detail=detail, mend=" ".join(mends))


def _kind(row: InFlight) -> str:
    if row.status is Status.UNCONFIRMED:
        return "unconfirmed"
    return "parked" if row.parked else "open"
