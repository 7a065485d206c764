"""Whether anybody does the work of a ledger that machines share, and whether its clock agrees with this machine's."""

from __future__ import annotations

from collections.abc import Iterator

from taskferry.cli import words
from taskferry.cli.checks.check import BROKEN, FINE, NOTE, Check
from taskferry.ledger.agreeing import TellsTime, behind_server
from taskferry.ledger.protocol import LedgerProtocol
from taskferry.ledger.sharing import Backlog, SharesWork

_CLOCK_NOTE, _CLOCK_BROKEN = 30.0, 300.0
"""Seconds of difference; tasks are dated by the ledger's clock, but keys may be signed with this one."""


def check_workers(ledger: LedgerProtocol) -> Iterator[Check]:
    """Tell which workers live and what waits for one that does not; nothing for a ledger that is not shared."""
    if isinstance(ledger, SharesWork):
        backlog = ledger.backlog()
        yield _workers(backlog)
        yield from (_unserved(name, count, backlog) for name, count in sorted(backlog.unserved.items()))
    if isinstance(ledger, TellsTime):
        yield _clock(behind_server(ledger))


def _workers(backlog: Backlog) -> Check:
    waiting = ", ".join(f"{count} of {name}" for name, count in sorted(backlog.waiting.items())) or "none"
    if not backlog.workers:
        mend = "Whoever submits or waits does the work here; `taskferry worker` does it for all."
        return Check(name="workers", state=NOTE, detail=f"none alive; tasks waiting: {waiting}", mend=mend)
    served = ", ".join(sorted(backlog.served))
    detail = f"{backlog.workers} alive, for {served}; {backlog.in_hand} tasks in hand, waiting: {waiting}"
    return Check(name="workers", detail=detail)


def _unserved(provider: str, count: int, backlog: Backlog) -> Check:
    tasks = f"{count} task{'' if count == 1 else 's'} of {provider} wait{'s' if count == 1 else ''}"
    if not backlog.workers:
        detail = f"{tasks}: no worker lives"
    else:
        detail = f"{tasks}: no worker that lives has {provider}"
    mend = f"Start `taskferry worker` where {provider} and its key are installed; `taskferry wait ID` does one here."
    return Check(name=f"work for {provider}", state=NOTE, detail=detail, mend=mend)


def _clock(behind: float) -> Check:
    away = abs(behind)
    state = BROKEN if away >= _CLOCK_BROKEN else NOTE if away >= _CLOCK_NOTE else FINE
    if state == FINE:
        return Check(name="clock of the ledger", detail="agrees with this machine's")
    detail = f"this machine's is {words.age(away)} {'behind' if behind > 0 else 'ahead of'} it"
    mend = "Set the clock, best by the system's service; tasks go by the ledger's meanwhile."
    return Check(name="clock of the ledger", state=state, detail=detail, mend=mend)
