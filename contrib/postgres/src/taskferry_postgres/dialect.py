"""The ledger's SQL, which is written for SQLite, in PostgreSQL's words.

What PostgreSQL merely lacks (`json_each`, `instr`, ...) is defined by the schema as functions; this is about the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from taskferry_postgres.tables import TYPES

Values: TypeAlias = "Sequence[Any] | Mapping[str, Any]"

MARK = "\ue000"
"""Begins a text that PostgreSQL cannot keep as it is, since it has a NUL or half a surrogate pair; JSON follows."""

_WORDS = (
    (re.compile("%"), "%%"),
    (re.compile(r"(?<!:):([a-z]\w*)"), r"%(\1)s"),
    (re.compile(r"\?"), "%s"),
    (re.compile(r" IS (%s|%\(\w+\)s)"), r" IS NOT DISTINCT FROM \1"),
    (re.compile(r"(?<=[\s(])\+(?=[a-z])"), ""),  # keeps SQLite from an index; PostgreSQL chooses by itself
)
_NEW_VALUE = re.compile(r"\b(\w+) = (new\.column\d+)")
_COLUMNS = re.compile(r"PRAGMA table_info\((\w+)\)")
_CHANGES = "PRAGMA data_version"
_CHANGES_OF = "SELECT hashtext(pg_current_snapshot()::text)::bigint + 2147483648"
"""Another number as soon as any transaction that writes has begun or ended."""
_COLUMNS_OF = """
SELECT column_name AS name,
    CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'double precision' THEN 'REAL' WHEN 'bytea' THEN 'BLOB'
        ELSE 'TEXT' END AS type,
    (is_nullable = 'NO')::integer AS notnull, 0 AS pk
FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = '{0}' AND column_name <> 'rowid' ORDER BY ordinal_position
"""
_BINARY = ("INSERT INTO replies", "UPDATE meta")
"""Statements whose bytes are bytes; all others are given text that is not valid Unicode as bytes."""


@lru_cache(maxsize=1024)
def translated(query: str) -> str:
    """Give a statement in PostgreSQL's words."""
    if query == _CHANGES:
        return _CHANGES_OF
    columns = _COLUMNS.fullmatch(query)
    if columns:
        return _COLUMNS_OF.format(columns[1])
    for pattern, words in _WORDS:
        query = pattern.sub(words, query)
    query = query.strip()
    if query.startswith("UPDATE tasks") and "FROM (VALUES" in query:
        query = _NEW_VALUE.sub(lambda found: f"{found[1]} = {found[2]}::{TYPES[found[1]]}", query)
    if query.startswith("INSERT INTO tasks"):  # the count tells of a row that is in the way, and nothing is undone
        query += " ON CONFLICT DO NOTHING"
    return query


def given(query: str, values: Values) -> Values:
    """Give a statement's values as PostgreSQL can keep them."""
    binary = query.lstrip().startswith(_BINARY)
    if isinstance(values, Mapping):
        return {name: _given(value, binary=binary) for name, value in values.items()}
    return [_given(value, binary=binary) for value in values]


def _given(value: Any, *, binary: bool) -> Any:
    if isinstance(value, bytes) and not binary:
        value = value.decode("utf-8", "surrogatepass")
    if isinstance(value, str):
        if not value.isprintable() and ("\0" in value or not _is_unicode(value) or value.startswith(MARK)):
            return MARK + json.dumps(value)
        return str(value)  # a member of an enumeration, too
    return value


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def taken(value: Any) -> Any:
    """Undo what `given` did; text that is not valid Unicode comes as bytes, as it does from SQLite."""
    if isinstance(value, str) and value.startswith(MARK):
        text = str(json.loads(value[1:]))
        return text if _is_unicode(text) else text.encode("utf-8", "surrogatepass")
    return value


class Row(tuple[Any, ...]):
    """A row as SQLite's module gives it: its values in order, and each by its name."""

    places: Mapping[str, int] = {}

    def __getitem__(self, key: Any) -> Any:
        """Give a value by its place or name."""
        return tuple.__getitem__(self, self.places[key] if isinstance(key, str) else key)

    def keys(self) -> Iterable[str]:
        """Give the names of the values, in order."""
        return self.places.keys()


@lru_cache(maxsize=256)
def row_kind(names: tuple[bytes | None, ...]) -> type[Row]:
    """Give the kind of rows that have these names."""
    return type("Row", (Row,), {"places": {(name or b"").decode(): place for place, name in enumerate(names)}})
