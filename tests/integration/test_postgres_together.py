"""Writes that share a commit in PostgreSQL: each its own success or failure, in their order."""

from __future__ import annotations

import pytest

from ledger_cases import cases
from postgres_server import open_in_postgres

pytestmark = pytest.mark.slow  # the same cases run on SQLite in `make test`

globals().update(
    cases(
        "unit/test_ledger_together.py",
        open_in_postgres,
        without=[  # they look into SQLite, or break its file
            "test_many_saves_are_kept_by_one_commit",
            "test_one_row_that_another_process_took_holds_up_none_of_the_others",
            "test_a_full_disk_fails_all_keeps_nothing_and_the_next_group_goes_on",
            "test_a_ledger_that_was_removed_while_open_is_not_written",
            "test_a_group_is_as_durable_as_its_weightiest_write",
            "test_a_page_of_tasks_in_flight_is_read_in_the_order_of_an_index",
        ],
    )
)
