"""The tables of the ledger, and how an older file becomes a present one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

FILE = "ledger.sqlite3"
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

_REPLIES = """
CREATE TABLE replies (
    task TEXT PRIMARY KEY REFERENCES tasks (id),
    raw BLOB,
    create_reply BLOB
)
"""
"""Apart from the rows that are written again with every look, which cost by their length."""

_REPLIES_OF_OLD_TASKS = """
INSERT INTO replies (task, raw, create_reply)
SELECT id, raw, create_reply FROM tasks WHERE raw IS NOT NULL OR create_reply IS NOT NULL
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

_UNFINISHED = """
CREATE INDEX tasks_unfinished ON tasks (id)
WHERE status IN ('prepared', 'submitting', 'unconfirmed', 'queued', 'running')
"""

_UNFINISHED_CHEAPLY = """
CREATE INDEX tasks_unfinished ON tasks (id)
WHERE NOT (
    status <> 'prepared' AND status <> 'submitting' AND status <> 'unconfirmed' AND status <> 'queued'
    AND status <> 'running'
)
"""
"""SQLite makes the list of an IN anew for every row that is written, and takes another index for a query with one."""

_SPEND = """
CREATE TABLE spend (
    task TEXT PRIMARY KEY REFERENCES tasks (id),
    day TEXT NOT NULL,
    provider TEXT NOT NULL,
    operation TEXT NOT NULL,
    state TEXT NOT NULL,
    unit TEXT,
    estimated TEXT,
    reserved TEXT,
    actual TEXT,
    quantity INTEGER,
    quantity_unit TEXT,
    seconds TEXT,
    settled_at REAL
) WITHOUT ROWID
"""

_HELD = """
CREATE TABLE held (alike TEXT PRIMARY KEY, tasks INTEGER NOT NULL) WITHOUT ROWID
"""
"""How many tasks hold the same of the caps: what every submit under a cap reads, however many tasks there are."""

_ALIKE = (
    "json_array({0}.day, {0}.provider, {0}.state, {0}.unit, {0}.reserved, {0}.actual, {0}.quantity, {0}.quantity_unit,"
    " {0}.seconds)"
)
_COUNT_NEW = """
    INSERT INTO held (alike, tasks) SELECT {new}, 1 WHERE NEW.state <> 'released'
    ON CONFLICT (alike) DO UPDATE SET tasks = tasks + 1;
"""
_FORGET_OLD = """
    UPDATE held SET tasks = tasks - 1 WHERE alike = {old} AND OLD.state <> 'released';
    DELETE FROM held WHERE alike = {old} AND tasks = 0;
"""
_COUNTING = {
    "spend_added AFTER INSERT": _COUNT_NEW,
    "spend_changed AFTER UPDATE": _FORGET_OLD + _COUNT_NEW,
    "spend_removed AFTER DELETE": _FORGET_OLD,
}
_TRIGGERS = [
    f"CREATE TRIGGER {event} ON spend BEGIN {steps.format(new=_ALIKE.format('NEW'), old=_ALIKE.format('OLD'))} END"
    for event, steps in _COUNTING.items()
]

_SPEND_OF_OLD_TASKS = """
INSERT INTO spend (
    task, day, provider, operation, state, unit, estimated, reserved, actual, quantity, quantity_unit, settled_at
)
SELECT
    id,
    coalesce(date(created_at, 'unixepoch'), '1970-01-01'),
    provider,
    operation,
    CASE
        WHEN status IN ('prepared', 'submitting', 'unconfirmed', 'queued', 'running') THEN 'reserved'
        WHEN status = 'refused' AND failure LIKE '%"kind":"not_sent"%' AND failure LIKE '%"retryable":false%'
            AND id IN (SELECT task FROM transitions WHERE after = 'unconfirmed') THEN 'settled'
        WHEN status = 'refused' OR (status = 'cancelled' AND remote IS NULL) THEN 'released'
        WHEN status <> 'succeeded' AND CAST(cost_actual AS REAL) = 0 THEN 'released'
        ELSE 'settled'
    END,
    cost_unit,
    cost_estimated,
    coalesce(cost_estimated, cost_actual),
    cost_actual,
    CASE WHEN kind IS NULL THEN NULL ELSE 1 END,
    CASE kind
        WHEN 'image' THEN 'images' WHEN 'video' THEN 'videos' WHEN 'audio' THEN 'songs' WHEN 'model' THEN 'models'
        WHEN 'document' THEN 'documents' WHEN 'other' THEN 'files'
    END,
    finished_at
FROM tasks LEFT JOIN (SELECT task, kind FROM artifacts WHERE position = 0) ON task = id
"""
"""A job that was abandoned while it was unconfirmed may have been billed."""

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
    (
        "ALTER TABLE tasks ADD COLUMN look_problem TEXT",
        "ALTER TABLE durations ADD COLUMN half REAL",
        _REPLIES,
        _REPLIES_OF_OLD_TASKS,
        "ALTER TABLE tasks DROP COLUMN raw",
        "ALTER TABLE tasks DROP COLUMN create_reply",
        _UNFINISHED,
        _SPEND,
        "CREATE INDEX spend_by_day ON spend (day)",
        _HELD,
        *_TRIGGERS,
        _SPEND_OF_OLD_TASKS,
    ),
    (
        "ALTER TABLE tasks ADD COLUMN choice TEXT",
        "ALTER TABLE transitions ADD COLUMN looks INTEGER",
        "ALTER TABLE transitions ADD COLUMN late REAL",
    ),
    (
        "DROP INDEX tasks_unfinished",
        _UNFINISHED_CHEAPLY,
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
