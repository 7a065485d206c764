"""Every field of every record comes back from PostgreSQL as it went in, whatever letters are in it."""

from __future__ import annotations

from ledger_cases import cases
from postgres_server import open_in_postgres

globals().update(cases("unit/test_ledger_round_trip.py", open_in_postgres))
