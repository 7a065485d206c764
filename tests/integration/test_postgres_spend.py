"""What tasks hold of the caps in PostgreSQL: reserved with the row, settled or released with its end."""

from __future__ import annotations

from ledger_cases import cases
from postgres_server import open_in_postgres

globals().update(
    cases("integration/test_spend_ledger.py", open_in_postgres, without=["TestOlderLedger"])  # of a file of version 1
)
