"""What happened to every task, kept durably in one SQLite file that several processes share."""

from __future__ import annotations

from taskferry.ledger.history import Duration, Transition, model_and_size
from taskferry.ledger.ledger import Ledger, open_ledger
from taskferry.ledger.record import Job, Record

__all__ = ["Duration", "Job", "Ledger", "Record", "Transition", "model_and_size", "open_ledger"]
