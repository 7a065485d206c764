"""The ledger as lines of JSON: a header, then a line per task with everything that belongs to it."""

from __future__ import annotations

import base64
import binascii
import json
import math
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from taskferry.ledger.rows import Column, Columns
from taskferry.text import clean

FORMAT = 1
_ORDER = {"artifacts": "position", "transitions": "number", "replies": "task", "spend": "task"}
"""The tables of what belongs to a task, by the column that puts their rows in order."""
TABLES = ("tasks", *_ORDER)
_OWN = frozenset({"holder", "number", "task"})
"""Columns that mean something only where they are: a process, a place in a table, and the task of the line."""


class BadLine(Exception):
    """A line is not what an export writes; says why."""


def columns_of(connection: sqlite3.Connection) -> dict[str, dict[str, tuple[str, bool]]]:
    """Give each table's columns that an export has, with their type and whether they must have a value."""
    return {
        table: {
            row["name"]: (row["type"], bool(row["notnull"] or row["pk"]))
            for row in connection.execute(f"PRAGMA table_info({table})")
            if row["name"] not in _OWN
        }
        for table in TABLES
    }


def export_lines(connection: sqlite3.Connection) -> Iterator[str]:
    """Give the lines of a whole ledger.

    The salt goes along. It is no secret: it opens nothing, and a key cannot be worked out from it and a fingerprint.
    Without it no task that is under way could be told to be the same account's elsewhere.
    """
    columns = columns_of(connection)
    salt = connection.execute("SELECT value FROM meta WHERE name = 'salt'").fetchone()[0]
    count = connection.execute("SELECT count(*) FROM tasks").fetchone()[0]
    yield json.dumps({"taskferry": "ledger", "format": FORMAT, "tasks": count, "salt": salt.hex()})
    for task in connection.execute("SELECT * FROM tasks ORDER BY created_at, rowid"):
        line = {"tasks": [_plain(task, columns["tasks"])]}
        for table, order in _ORDER.items():
            query = f"SELECT * FROM {table} WHERE task = ? ORDER BY {order}"  # noqa: S608 -- names of this file
            line[table] = [_plain(row, columns[table]) for row in connection.execute(query, (task["id"],))]
        yield json.dumps(line)


def _plain(row: Mapping[str, Any], columns: Mapping[str, object]) -> dict[str, Any]:
    return {name: _json(row[name]) for name in columns}


def _json(value: Column) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def parsed(line: bytes) -> dict[str, Any]:
    """Read a line's JSON object; raise BadLine."""
    try:
        value = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise BadLine(f"it is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadLine("it is not a JSON object")
    return value


def rows_of(line: Mapping[str, Any], tables: Mapping[str, Mapping[str, tuple[str, bool]]]) -> dict[str, list[Columns]]:
    """Read the rows of a task's line; raise BadLine for a table, a column or a value that cannot be."""
    unknown = line.keys() - tables.keys()
    if unknown:
        raise BadLine(f"it has the unknown part {clean(repr(min(unknown)), 80)}")
    found: dict[str, list[Columns]] = {}
    for table, columns in tables.items():
        rows = line.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadLine(f"{table} is not a list of rows")
        found[table] = [_row(table, row, columns) for row in rows]
    if len(found["tasks"]) != 1 or len(found["replies"]) > 1 or len(found["spend"]) > 1:
        raise BadLine("it is not one task")
    return found


def _row(table: str, row: Mapping[str, Any], columns: Mapping[str, tuple[str, bool]]) -> Columns:
    unknown = row.keys() - columns.keys()
    if unknown:
        raise BadLine(f"{table} has the unknown column {clean(repr(min(unknown)), 80)}")
    found: Columns = {}
    for name, (kind, needed) in columns.items():
        value = row.get(name)
        if value is None and needed:
            raise BadLine(f"{table}.{name} is missing")
        try:
            found[name] = None if value is None else _READERS[kind](value)
        except (ValueError, TypeError, OverflowError) as error:
            raise BadLine(f"{table}.{name} is {str(value)[:40]!r}, which is no {kind}") from error
    return found


def _text(value: object) -> Column:
    return value if isinstance(value, str) else _blob(value)


def _integer(value: object) -> Column:
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise ValueError("no whole number of 64 bits")
    return value


def _real(value: object) -> Column:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("no finite number")
    return float(value)


def _blob(value: object) -> Column:
    if not isinstance(value, dict) or value.keys() != {"base64"} or not isinstance(value["base64"], str):
        raise TypeError("no bytes")
    try:
        return base64.b64decode(value["base64"], validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error


_READERS: Mapping[str, Callable[[object], Column]] = {"TEXT": _text, "INTEGER": _integer, "REAL": _real, "BLOB": _blob}
