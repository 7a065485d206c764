"""The ledger in PostgreSQL answers as the one in a file does."""

from __future__ import annotations

from ledger_cases import cases
from postgres_server import open_in_postgres

globals().update(
    cases(
        "unit/test_ledger.py",
        open_in_postgres,
        without=["test_reading_loads_no_event_loop_and_no_http_client"],  # of the file alone
    )
)
