"""One connection, spoken to in the words of the ledger's SQL and answering as SQLite's module does."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from taskferry_postgres.dialect import Row, Values, given, row_kind, taken, translated


class Connection:
    """What the ledger's parts are handed inside a transaction."""

    def __init__(self, raw: psycopg.Connection) -> None:
        self.raw = raw
        self.number: str | None = None
        """The transaction's number at the server, where a statement has told it."""

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is under way that can still be kept."""
        return self.raw.info.transaction_status is TransactionStatus.INTRANS

    def execute(self, query: str, values: Values = ()) -> psycopg.Cursor[Row]:
        """Run one statement; raise sqlite3.IntegrityError for a row that another is in the way of."""
        cursor = psycopg.Cursor(self.raw, row_factory=_rows)
        words = translated(query)
        if words.startswith("UPDATE tasks") and " remote = " in words:
            try:
                with self.raw.transaction():  # so that what was written before it is not undone with it
                    return cursor.execute(words, given(query, values))
            except errors.UniqueViolation as error:
                raise sqlite3.IntegrityError(error.diag.constraint_name) from error
        cursor.execute(words, given(query, values))
        if cursor.rowcount == 0 and words.startswith("INSERT INTO tasks"):
            raise sqlite3.IntegrityError("a row of the same id, key or remote is there already")
        return cursor


def _rows(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], Row]:
    result = cursor.pgresult
    if result is None or not result.nfields:
        return Row
    # the names alone: the cursor's own description has much more of each column, and takes its time
    kind = row_kind(tuple(map(result.fname, range(result.nfields))))
    return lambda values: kind(map(taken, values))
