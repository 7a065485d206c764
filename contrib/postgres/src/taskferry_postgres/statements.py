"""The statements that write many tasks at once; each takes its rows as one text of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from taskferry_postgres.dialect import MARK
from taskferry_postgres.tables import TASKS

_FIXED = ("rowid", "id", "created_at", "holder")
_NEVER_CHANGED = (
    "provider", "operation", "generation", "base_url", "account", "parameters", "caller", "idempotency_key", "max_cost",
    "folder", "choice",
)  # fmt: skip
_CHANGED = [name for name in TASKS if name not in (*_FIXED, *_NEVER_CHANGED)]
_COLUMNS: Mapping[str, str] = {
    "tasks": ", ".join(name for name in TASKS if name != "rowid"),
    "transitions": "task, at, before, after, run, provider_status, note, looks, late",
    "durations": "operation, model, size, queue_seconds, run_seconds, half",
    "artifacts": "task, position, name, kind, media_type, url, expires_at, needs_key, path, size, sha256",
    "replies": "task, raw, create_reply",
    "spend": "task, day, provider, operation, state, unit, estimated, reserved, actual, quantity, quantity_unit,"
    " seconds, settled_at",
}


def _inserted(table: str) -> str:
    names = _COLUMNS[table]
    rows = f"json_populate_recordset(NULL::{table}, %({{0}})s::json)"
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM {rows}"  # noqa: S608 -- names of this file


_PARTS: Mapping[str, str] = {
    "tasks": _inserted("tasks"),
    # a row that is named with another version, or that another holder has, is left as it is, and not counted
    "changes": f"""
UPDATE tasks AS t SET ({", ".join(_CHANGED)}) = (
    SELECT {", ".join(f"r.{name}" for name in _CHANGED)}
    FROM jsonb_populate_record(t, %({{0}})s::jsonb -> t.id) AS r
)
WHERE t.id = ANY (ARRAY(SELECT jsonb_object_keys(%({{0}})s::jsonb)))
    AND t.version = (%({{0}})s::jsonb -> t.id ->> 'was')::bigint AND t.holder = %(holder)s
""",  # noqa: S608 -- names of this file
    "released": """
UPDATE tasks AS t SET holder = NULL, version = t.version + 1
WHERE t.id = ANY (ARRAY(SELECT jsonb_object_keys(%({0})s::jsonb))) AND t.holder = %(holder)s
""",
    "replies": _inserted("replies")
    + " ON CONFLICT (task) DO UPDATE SET raw = excluded.raw, create_reply = excluded.create_reply",
    "artifacts": _inserted("artifacts"),
    "transitions": _inserted("transitions"),
    "durations": _inserted("durations"),
    "reserved": _inserted("spend"),
    "settled": """
UPDATE spend AS s SET (state, estimated, reserved, actual, unit, settled_at) = (
    SELECT
        w.state,
        CASE WHEN s.unit IS NOT DISTINCT FROM w.unit THEN coalesce(s.estimated, w.estimated) ELSE w.estimated END,
        coalesce(w.estimated, CASE WHEN s.unit IS NOT DISTINCT FROM w.unit THEN s.reserved END, w.actual),
        w.actual,
        w.unit,
        coalesce(s.settled_at, w.settled_at)
    FROM jsonb_populate_record(NULL::spend, %({0})s::jsonb -> s.task) AS w
)
WHERE s.task = ANY (ARRAY(SELECT jsonb_object_keys(%({0})s::jsonb)))
""",
}
"""In this order, although all see the tables as they were before the first of them."""

COUNTED = ("changes", "settled")
"""What finds fewer rows than it was given where another process was there before."""

CLEAR = "DELETE FROM artifacts WHERE task = ANY (ARRAY(SELECT jsonb_object_keys(%(cleared)s::jsonb)))"
"""Before the others: they would not see that the places are free."""

ASKED = ("caller", "operation", "parameters", "account", "base_url", "idempotency_key")
STANDING = """
SELECT w.id FROM json_to_recordset(:asked::json) AS w (
    id text, caller text, operation text, parameters text, account text, base_url text, idempotency_key text,
    since double precision
) WHERE (
    SELECT t.id FROM tasks AS t
    WHERE w.idempotency_key IS NOT NULL AND t.caller = w.caller AND t.idempotency_key = w.idempotency_key LIMIT 1
) IS NOT NULL OR (
    SELECT t.id FROM tasks AS t
    WHERE w.idempotency_key IS NULL AND t.caller = w.caller AND t.operation = w.operation
        AND t.parameters = w.parameters AND t.account = w.account AND t.base_url = w.base_url
        AND t.created_at >= w.since AND t.status NOT IN ('refused', 'failed', 'moderated', 'expired', 'cancelled')
    LIMIT 1
) IS NOT NULL
"""
"""Which of several new jobs have a task already, as `Ledger.duplicate` would find for each."""


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), check_circular=False).encode


_KEYS = {"changes": "id", "released": "id", "cleared": "task", "settled": "task"}
"""What rows are found by; all others are new ones."""


def written(kind: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Write rows as JSON; raise ValueError or TypeError for what PostgreSQL cannot keep as it is."""
    key = _KEYS.get(kind)
    text = _encode(
        {row[key]: row for row in rows} if key else [_shown(row) for row in rows] if kind == "replies" else rows
    )
    if "\\u0000" in text or MARK in text:
        raise ValueError("a text has what PostgreSQL does not take, or what stands for that")
    return text


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give bytes as PostgreSQL reads them."""
    return {name: rf"\x{value.hex()}" if isinstance(value, bytes) else value for name, value in row.items()}


@lru_cache(maxsize=256)
def keeping(kinds: tuple[str, ...]) -> str:
    """Give the statement that writes rows of these kinds, and tells how many of `COUNTED` it found, then its number."""
    named = [kind for kind in _PARTS if kind in kinds]
    parts = ",\n".join(f"kept_{kind} AS ({_PARTS[kind].format(kind)} RETURNING 1)" for kind in named)
    counts = ", ".join(f"(SELECT count(*) FROM kept_{kind})" for kind in COUNTED if kind in kinds)  # noqa: S608 -- names
    return f"WITH {parts}\nSELECT {counts}{', ' if counts else ''}pg_current_xact_id()::text"
