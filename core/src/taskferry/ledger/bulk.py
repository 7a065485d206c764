"""Many rows with one statement: SQLite is entered, and Python's lock given away, once for all of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import TypeAlias

from taskferry.ledger.rows import Column

Row: TypeAlias = "tuple[Column, ...]"

_SIZES = (128, 32, 8, 1)
"""So many rows at a time: few different statements, which SQLite keeps prepared, and fewer than 32,766 variables."""


def update_many(connection: sqlite3.Connection, columns: Sequence[str], rows: Sequence[Row], holder: str) -> int:
    """Change tasks that a holder has: a row is its id, its version until now, then the columns; tell how many were."""
    changed = 0
    for part in _parts(rows):
        values = [*chain.from_iterable(part), holder]
        changed += connection.execute(_update(tuple(columns), len(part)), values).rowcount
    return changed


def insert_many(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], rows: Sequence[Row], *, key: str | None = None
) -> None:
    """Add rows to a table; where a row of the same key is there already, change its columns instead."""
    for part in _parts(rows):
        connection.execute(_insert(table, tuple(columns), key, len(part)), [*chain.from_iterable(part)])


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    begin = 0
    for size in _SIZES:
        while len(rows) - begin >= size:
            yield rows[begin : begin + size]
            begin += size


@lru_cache(maxsize=64)
def _update(columns: tuple[str, ...], count: int) -> str:
    changes = ", ".join(f"{name} = new.column{number}" for number, name in enumerate(columns, 3))
    return (
        f"UPDATE tasks SET {changes} FROM (VALUES {_places(len(columns) + 2, count)}) AS new "  # noqa: S608 -- names
        "WHERE tasks.id = new.column1 AND tasks.version = new.column2 AND tasks.holder = ?"
    )


@lru_cache(maxsize=64)
def _insert(table: str, columns: tuple[str, ...], key: str | None, count: int) -> str:
    places = _places(len(columns), count)
    text = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places}"  # noqa: S608 -- names, not values
    if key is None:
        return text
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name != key)
    return f"{text} ON CONFLICT ({key}) DO UPDATE SET {changes}"


def _places(width: int, count: int) -> str:
    return ", ".join([f"({', '.join('?' * width)})"] * count)
