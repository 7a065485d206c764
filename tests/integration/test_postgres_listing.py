"""Lists of tasks from PostgreSQL, narrowed and paged as those from a file."""

from __future__ import annotations

from ledger_cases import cases
from postgres_server import open_in_postgres

globals().update(
    cases(
        "unit/test_ledger_listing.py",
        open_in_postgres,
        without=["test_a_page_deep_down_costs_what_the_first_one_costs"],  # a plan of SQLite's
    )
)
