"""The ledger in PostgreSQL, for tasks that several machines share; chosen by `TASKFERRY_LEDGER=postgresql://...`."""

from __future__ import annotations
