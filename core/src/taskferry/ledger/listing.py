"""Lists of tasks: which ones, newest first, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, TypedDict

from taskferry.ledger.rows import Column
from taskferry.status import Status
from taskferry.task import Kind


class Filter(TypedDict, total=False):
    """Which tasks a list shows: all that fit everything which is given and not None."""

    statuses: Collection[Status] | None
    provider: str | None
    operation: str | None
    """Full name, as `provider/operation`."""
    caller: str | None
    kind: Kind | None
    """What one of its artifacts is."""
    text: str | None
    """What its prompt, or the beginning of its id, has in it; capitals do not matter."""
    parked: bool | None
    since: float | None
    """Epoch seconds; the earliest moment of its making."""
    until: float | None
    """Epoch seconds, not among them."""
    before: str | None
    """The id of the last task of the page before."""


_CONDITIONS = {
    "statuses": "status IN (SELECT value FROM json_each(:statuses))",
    "provider": "provider = :provider",
    "operation": "operation = :operation",
    "caller": "caller = :caller",
    "kind": "EXISTS (SELECT 1 FROM artifacts WHERE task = tasks.id AND kind = :kind)",
    "text": (
        "(instr(lower(coalesce(json_extract(parameters, '$.prompt'), '')), lower(:text)) > 0"
        " OR substr(tasks.id, 1, length(:text)) = lower(:text))"
    ),
    "parked": "(parked IS NOT NULL) = :parked",
    "since": "created_at >= :since",
    "until": "created_at < :until",
    "before": "(created_at, tasks.rowid) < (SELECT created_at, rowid FROM tasks WHERE id = :before)",
}
"""Only those that are asked are in a query, so that each finds its index."""
_ONE_STATUS = "status = json_extract(:statuses, '$[0]')"
"""Of one status alone, an index has the tasks in their order."""


def query(wanted: Filter, limit: int) -> tuple[str, dict[str, Column]]:
    """Give the end of a query, from WHERE on, and its values."""
    given = {name: _value(value) for name, value in wanted.items() if value is not None}
    chosen = {**_CONDITIONS, "statuses": _ONE_STATUS} if len(wanted.get("statuses") or ()) == 1 else _CONDITIONS
    conditions = " AND ".join(chosen[name] for name in given) or "TRUE"
    return f"WHERE {conditions} ORDER BY created_at DESC, tasks.rowid DESC LIMIT :limit", {
        **given,
        "limit": max(limit, 0),
    }


def _value(value: Any) -> Column:
    if isinstance(value, Collection) and not isinstance(value, str):
        return json.dumps([str(one) for one in value])
    return str(value) if isinstance(value, str) else value
