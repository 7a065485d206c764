"""The tables of the ledger, and how an older file becomes a present one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

APPLICATION = 0x74666C67
"""Marks the file as a ledger (`tflg`), so that another program's database is never taken for one."""

_TASKS = """
CREATE TABLE tasks (
    id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    operation TEXT NOT NULL,
    generation TEXT NOT NULL,
    base_url TEXT NOT NULL,
    account TEXT NOT NULL,
    parameters TEXT NOT NULL,
    caller TEXT NOT NULL,
    idempotency_key TEXT,
    max_cost TEXT,
    folder TEXT,
    remote TEXT,
    holder TEXT,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    provider_status TEXT,
    run INTEGER NOT NULL,
    progress REAL,
    progress_source TEXT NOT NULL,
    queue_position INTEGER,
    eta REAL,
    cost_estimated TEXT,
    cost_actual TEXT,
    cost_unit TEXT,
    failure TEXT,
    parked TEXT,
    cancel_wanted INTEGER NOT NULL,
    trace_ids TEXT NOT NULL,
    created_at REAL NOT NULL,
    submitted_at REAL,
    started_at REAL,
    finished_at REAL,
    looked_at REAL,
    next_try_at REAL,
    raw BLOB,
    create_reply BLOB
)
"""

_ARTIFACTS = """
CREATE TABLE artifacts (
    task TEXT NOT NULL REFERENCES tasks (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    media_type TEXT,
    url TEXT,
    expires_at REAL,
    needs_key INTEGER NOT NULL,
    path TEXT,
    size INTEGER,
    sha256 TEXT,
    PRIMARY KEY (task, position)
) WITHOUT ROWID
"""

_TRANSITIONS = """
CREATE TABLE transitions (
    number INTEGER PRIMARY KEY,
    task TEXT NOT NULL REFERENCES tasks (id),
    at REAL NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    run INTEGER NOT NULL,
    provider_status TEXT,
    note TEXT
)
"""

_DURATIONS = """
CREATE TABLE durations (
    number INTEGER PRIMARY KEY,
    operation TEXT NOT NULL,
    model TEXT,
    size TEXT,
    queue_seconds REAL NOT NULL,
    run_seconds REAL NOT NULL
)
"""

_ONE_PER_REMOTE = """
CREATE UNIQUE INDEX one_task_per_remote ON tasks (provider, account, remote, base_url) WHERE remote IS NOT NULL
"""

MIGRATIONS: Sequence[Sequence[str]] = (
    (
        _TASKS,
        _ONE_PER_REMOTE,
        "CREATE UNIQUE INDEX one_task_per_key ON tasks (caller, idempotency_key) WHERE idempotency_key IS NOT NULL",
        "CREATE INDEX tasks_by_age ON tasks (created_at)",
        "CREATE INDEX tasks_by_status ON tasks (status, created_at)",
        "CREATE INDEX tasks_by_caller ON tasks (caller, operation, created_at)",
        _ARTIFACTS,
        "CREATE INDEX artifacts_not_kept ON artifacts (task) WHERE path IS NULL",
        _TRANSITIONS,
        "CREATE INDEX transitions_by_task ON transitions (task)",
        _DURATIONS,
        "CREATE INDEX durations_by_shape ON durations (operation, model, size)",
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
        "INSERT INTO meta (name, value) VALUES ('salt', randomblob(32))",
    ),
)
"""One entry per version; an entry that was released is never changed, a new one is added behind it."""

VERSION = len(MIGRATIONS)


def migrate(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring the file to the last version in one transaction; a process that comes second finds nothing to do."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = version_of(connection)
        for statements in migrations[version:]:
            for statement in statements:
                connection.execute(statement)
        if version < len(migrations):
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def version_of(connection: sqlite3.Connection) -> int:
    """Give the version that the file says it has; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_foreign(connection: sqlite3.Connection) -> bool:
    """Tell whether another program made the database; an empty one is nobody's."""
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if application == APPLICATION:
        return False
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return bool(application or tables or version_of(connection))
