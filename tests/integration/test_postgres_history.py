"""What the ledger in PostgreSQL remembers of steps, duplicates and lists, as the one in a file does."""

from __future__ import annotations

from ledger_cases import cases
from postgres_server import open_in_postgres

globals().update(cases("unit/test_ledger_history.py", open_in_postgres))
globals().update(cases("unit/test_ledger_duplicates.py", open_in_postgres))
