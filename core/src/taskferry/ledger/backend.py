"""What a ledger on another database is made of: the parts of the SQLite ledger that ask for no SQLite.

Its `Ledger` takes any database and any holder that do what its own do, if the database understands the ledger's SQL.
"""

from __future__ import annotations

from sqlite3 import Connection

from taskferry.ledger.checking import contradictions
from taskferry.ledger.database import Database
from taskferry.ledger.durability import CALLS, Durability, durability
from taskferry.ledger.following import Follower
from taskferry.ledger.forking import Forkable, watch
from taskferry.ledger.gathering import Rows, rows_of_change, rows_of_new
from taskferry.ledger.group import Call, Outcome
from taskferry.ledger.holders import Holder
from taskferry.ledger.ledger import Ledger
from taskferry.ledger.record import Job
from taskferry.ledger.rows import Columns, job_columns, to_record
from taskferry.ledger.saving import Save, Saver
from taskferry.ledger.sharing import Backlog, Driver, Granted, SharesLimits, SharesWork
from taskferry.ledger.spending import refused

__all__ = [
    "CALLS",
    "Backlog",
    "Call",
    "Columns",
    "Connection",
    "Database",
    "Driver",
    "Durability",
    "Follower",
    "Forkable",
    "Granted",
    "Holder",
    "Job",
    "Ledger",
    "Outcome",
    "Rows",
    "Save",
    "Saver",
    "SharesLimits",
    "SharesWork",
    "contradictions",
    "durability",
    "job_columns",
    "refused",
    "rows_of_change",
    "rows_of_new",
    "to_record",
    "watch",
]
