"""Opens the ledger that a URL names."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from taskferry import LedgerError
from taskferry_postgres.address import read_address
from taskferry_postgres.database import Database
from taskferry_postgres.lease import SECONDS, Lease
from taskferry_postgres.ledger import PostgresLedger
from taskferry_postgres.queue_schema import BUCKETS

SCHEMA = "TASKFERRY_LEDGER_SCHEMA"
"""The variable that names the schema, `taskferry` if it is not set; each schema is a ledger of its own."""
LANES = "TASKFERRY_LEDGER_LANES"
"""The variable that says by how many lanes the tasks of each provider are driven; a job for each task if not set."""
LEASE = "TASKFERRY_LEDGER_LEASE"
"""The variable that says for how many seconds a holder counts as alive after its last sign of life."""


def open_postgres_ledger(
    url: str, environ: Mapping[str, str], *, readonly: bool = False, now: Callable[[], float] = time.time
) -> PostgresLedger:
    """Open the ledger of a database, made or brought up to date first unless `readonly`; raise LedgerError.

    Leave the password out of the URL and set `PGPASSWORD`, or a password file, if others can see the environment.
    """
    address = read_address(url, environ.get(SCHEMA, "").strip() or "taskferry", lanes=_lanes(environ))
    lease = Lease(address, _seconds(environ))
    return PostgresLedger(Database(address, readonly=readonly), lease, readonly=readonly, now=now)


def _lanes(environ: Mapping[str, str]) -> int:
    said = environ.get(LANES, "").strip() or "0"
    if not (said.isascii() and said.isdigit() and int(said) <= BUCKETS):
        raise LedgerError(f"{LANES} is {said!r}: write a whole number, {BUCKETS} at most; 0 is a job for each task.")
    return int(said)


def _seconds(environ: Mapping[str, str]) -> float:
    said = environ.get(LEASE, "").strip()
    try:
        seconds = float(said) if said else SECONDS
    except ValueError:
        seconds = 0.0
    if not 0.2 <= seconds <= 3600.0:
        raise LedgerError(f"{LEASE} is {said!r}: write a number of seconds, 0.2 at least and 3600 at most.")
    return seconds
