"""Tasks are carried from a ledger to one in PostgreSQL, all of them or none."""

from __future__ import annotations

import pytest

from ledger_cases import cases
from postgres_server import open_in_postgres

pytestmark = pytest.mark.slow  # the same cases run on SQLite in `make test`

globals().update(
    cases(
        "unit/test_ledger_moving.py",
        open_in_postgres,
        without=[  # of the file alone
            "TestCheck",
            "TestBackup",
            "test_a_vacuum_gives_room_back_and_changes_nothing",
            "test_whatever_stands_in_a_line_is_taken_in_or_a_problem",  # the same reader, and a hundred schemas
            "test_any_bytes_at_all_are_a_problem",
        ],
    )
)
