"""The ledger in PostgreSQL from an event loop: order, company, cancelled callers, ends."""

from __future__ import annotations

import pytest

from ledger_cases import cases
from postgres_server import open_in_postgres

pytestmark = pytest.mark.slow  # the same cases run on SQLite in `make test`

globals().update(
    cases(
        "unit/test_ledger_thread.py",
        open_in_postgres,
        without=["test_what_waits_shares_one_commit"],  # listens to SQLite's statements
    )
)
