"""One of many processes that submit under one cap: keeps as many tasks as the ledger lets it, and says how many."""

from __future__ import annotations

import sys
import time
from decimal import Decimal
from pathlib import Path

from attrs import evolve

from taskferry import Cost, CostExceeded, LedgerBusy, LedgerProtocol, Snapshot, Status
from taskferry.ledger import Job, Record
from taskferry.ledger.choosing import open_ledger_for
from taskferry.spend import Quantity, Reservation, read_caps
from taskferry.task import new_id

PRICE = Decimal("0.18")
JOB = Job(
    provider="acme", operation="acme/image", generation="v1", base_url="https://api.acme.example", account="4f2a",
    parameters={"prompt": "a fox"},
)  # fmt: skip


def main(home: Path, submits: int, cap: str) -> None:
    """Wait for a line on stdin, so that all begin at once, then submit so often."""
    reservation = Reservation(caps=read_caps(home, {}, caps={"total": cap}), quantity=Quantity(count=1, unit="images"))
    with open_ledger_for(home) as ledger:
        print("ready", flush=True)
        sys.stdin.readline()
        print(sum(kept(ledger, reservation) for _ in range(submits)), flush=True)


def kept(ledger: LedgerProtocol, reservation: Reservation) -> bool:
    """Submit once; a ledger that others keep busy is asked again."""
    snapshot = Snapshot(
        id=new_id(), provider="acme", operation="acme/image", status=Status.PREPARED, created_at=time.time(),
        cost=Cost(estimated=PRICE, unit="USD"),
    )  # fmt: skip
    while True:
        try:
            ledger.add(Record(job=JOB, snapshot=evolve(snapshot, id=new_id())), reservation)
        except CostExceeded:
            return False
        except LedgerBusy as error:
            print(error, file=sys.stderr, flush=True)
        else:
            return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
