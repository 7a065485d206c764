"""What a ledger on another database is made of: the parts of the SQLite ledger that ask for no SQLite.

Its `Ledger` takes any database and any holder that do what its own do, if the database understands the ledger's SQL.
"""

from __future__ import annotations

from sqlite3 import Connection

from taskferry.ledger.checking import contradictions
from taskferry.ledger.database import Database
from taskferry.ledger.durability import Durability
from taskferry.ledger.following import Follower
from taskferry.ledger.forking import Forkable, watch
from taskferry.ledger.group import Call, Outcome
from taskferry.ledger.holders import Holder
from taskferry.ledger.ledger import Ledger
from taskferry.ledger.sharing import Backlog, Driver, SharesWork

__all__ = [
    "Backlog",
    "Call",
    "Connection",
    "Database",
    "Driver",
    "Durability",
    "Follower",
    "Forkable",
    "Holder",
    "Ledger",
    "Outcome",
    "SharesWork",
    "contradictions",
    "watch",
]
