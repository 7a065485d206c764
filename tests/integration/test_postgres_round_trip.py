"""Every field of every record comes back from PostgreSQL as it went in, whatever letters are in it."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, given, settings

from ledger_cases import cases
from postgres_server import open_in_postgres

pytestmark = pytest.mark.slow  # the same cases run on SQLite in `make test`

again = cases("unit/test_ledger_round_trip.py", open_in_postgres)
module = sys.modules["test_ledger_round_trip_once_more"]
sequences = given(job=module.jobs, created_at=module.NUMBERS, states=module.states)
fewer = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

globals().update(again)
test_every_sequence_of_saves_reads_back_exactly = fewer(
    sequences(again["test_every_sequence_of_saves_reads_back_exactly"].hypothesis.inner_test)
)
