"""The columns of the ledger's tables, named as in the SQLite ledger."""

from __future__ import annotations

from collections.abc import Mapping

TEXT = 'text COLLATE "C"'
"""Compared byte by byte, as ids and days have to be, whatever language the database has."""
_NUMBER = "bigint"
_REAL = "double precision"

TASKS: Mapping[str, str] = {
    "id": f"{TEXT} PRIMARY KEY",
    **dict.fromkeys(
        ("provider", "operation", "generation", "base_url", "account", "parameters", "caller"), f"{TEXT} NOT NULL"
    ),
    **dict.fromkeys(("idempotency_key", "max_cost", "folder", "choice", "remote", "holder"), TEXT),
    "version": f"{_NUMBER} NOT NULL",
    "status": f"{TEXT} NOT NULL",
    "provider_status": TEXT,
    "run": f"{_NUMBER} NOT NULL",
    "progress": _REAL,
    "progress_source": f"{TEXT} NOT NULL",
    "queue_position": _NUMBER,
    "eta": _REAL,
    **dict.fromkeys(("cost_estimated", "cost_actual", "cost_unit", "failure", "parked", "look_problem"), TEXT),
    "cancel_wanted": f"{_NUMBER} NOT NULL",
    "trace_ids": f"{TEXT} NOT NULL",
    "created_at": f"{_REAL} NOT NULL",
    **dict.fromkeys(("submitted_at", "started_at", "finished_at", "looked_at", "next_try_at"), _REAL),
    "rowid": f"{_NUMBER} GENERATED ALWAYS AS IDENTITY",
}
"""`rowid` counts tasks as they come, as SQLite does by itself."""

TYPES: Mapping[str, str] = {
    name: _REAL if kind.startswith(_REAL) else kind.partition(" ")[0] for name, kind in TASKS.items()
}
"""What a value has to be to go into a column; a list of values alone does not tell it."""

OTHERS: Mapping[str, str] = {
    "artifacts": f"""
        task {TEXT} NOT NULL REFERENCES tasks (id), position bigint NOT NULL, name {TEXT} NOT NULL,
        kind {TEXT} NOT NULL, media_type {TEXT}, url {TEXT}, expires_at double precision, needs_key bigint NOT NULL,
        path {TEXT}, size bigint, sha256 {TEXT}, PRIMARY KEY (task, position)""",
    "transitions": f"""
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, task {TEXT} NOT NULL REFERENCES tasks (id),
        at double precision NOT NULL, before {TEXT}, after {TEXT} NOT NULL, run bigint NOT NULL,
        provider_status {TEXT}, note {TEXT}, looks bigint, late double precision""",
    "replies": f"task {TEXT} PRIMARY KEY REFERENCES tasks (id), raw bytea, create_reply bytea",
    "durations": f"""
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, operation {TEXT} NOT NULL, model {TEXT}, size {TEXT},
        queue_seconds double precision NOT NULL, run_seconds double precision NOT NULL, half double precision""",
    "spend": f"""
        task {TEXT} PRIMARY KEY REFERENCES tasks (id), day {TEXT} NOT NULL, provider {TEXT} NOT NULL,
        operation {TEXT} NOT NULL, state {TEXT} NOT NULL, unit {TEXT}, estimated {TEXT}, reserved {TEXT},
        actual {TEXT}, quantity bigint, quantity_unit {TEXT}, seconds {TEXT}, settled_at double precision""",
    "held": f"alike {TEXT} PRIMARY KEY, tasks bigint NOT NULL",
    "holders": f"name {TEXT} PRIMARY KEY, told {TEXT} NOT NULL, expires_at timestamptz NOT NULL",
}
"""Every other table but `meta`."""

_OPEN = "('prepared', 'submitting', 'unconfirmed', 'queued', 'running')"
INDEXES = (
    "UNIQUE INDEX one_task_per_remote ON tasks (provider, account, md5(remote), base_url) WHERE remote IS NOT NULL",
    "UNIQUE INDEX one_task_per_key ON tasks (caller, md5(idempotency_key)) WHERE idempotency_key IS NOT NULL",
    "INDEX tasks_by_remote ON tasks USING hash (remote)",
    "INDEX tasks_by_key ON tasks USING hash (idempotency_key)",
    "INDEX tasks_by_age ON tasks (created_at, rowid)",
    "INDEX tasks_by_status ON tasks (status, created_at, rowid)",
    "INDEX tasks_by_caller ON tasks (caller, operation, created_at)",
    f"INDEX tasks_unfinished ON tasks (id) WHERE status IN {_OPEN}",
    "INDEX artifacts_not_kept ON artifacts (task) WHERE path IS NULL",
    "INDEX transitions_by_task ON transitions (task)",
    "INDEX durations_by_operation ON durations (operation, number)",
    "INDEX spend_by_day ON spend (day)",
)
"""An index in order takes no long values, which handles and keys may be: those are told apart by their hashes."""
