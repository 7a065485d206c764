"""What the schema has for the work queue: Procrastinate's own tables, and who puts rows into them."""

from __future__ import annotations

import psycopg

from taskferry import LedgerTooNew
from taskferry_postgres.address import Address
from taskferry_postgres.shipped import migrations_since, newest_migration, whole_schema

DRIVE, LANE = "taskferry.drive", "taskferry.lane"
"""The names of the two kinds of jobs: one that drives a task, and one that drives every task of a lane."""
BUCKETS = 1024
"""Parts that tasks are spread over by their ids; a lane has those whose number leaves its own as the remainder."""
LEFT = "('prepared', 'submitting', 'queued', 'running')"
"""How tasks stand that workers have something to do for."""
_SHORT = 34
"""Bytes of a provider's name that is the name of its queue, too: PostgreSQL's channels have short names."""

_QUEUE_OF = f"""
CREATE FUNCTION queue_of(provider text) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT CASE WHEN octet_length(provider) <= {_SHORT} THEN provider ELSE md5(provider) END $$
"""
_BUCKET_OF = f"""
CREATE FUNCTION bucket_of(task text) RETURNS integer LANGUAGE sql IMMUTABLE
AS $$ SELECT ('x' || left(md5(task), 4))::bit(16)::integer % {BUCKETS} $$
"""
_ENQUEUE_ONCE = """
CREATE FUNCTION enqueue_once(queue text, kind text, only_one text, args jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = only_one AND status IN ('todo', 'doing')) THEN
        RETURN false;
    END IF;
    BEGIN
        PERFORM procrastinate_defer_jobs_v1(
            ARRAY[ROW(queue, kind, 0, NULL, only_one, args, NULL)]::procrastinate_job_to_defer_v1[]
        );
    EXCEPTION WHEN unique_violation THEN  -- somebody else was quicker
        RETURN false;
    END;
    RETURN true;
END $$
"""
_ENQUEUE = f"""
CREATE FUNCTION enqueue(task text, provider text, lanes integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    lane text;
    is_new boolean;
BEGIN
    IF lanes = 0 THEN
        RETURN enqueue_once(queue_of(provider), '{DRIVE}', task, jsonb_build_object('task_id', task));
    END IF;
    lane := format('%s:%s/%s', queue_of(provider), bucket_of(task) % lanes, lanes);
    is_new := enqueue_once(
        queue_of(provider) || ':lanes', '{LANE}', lane,
        jsonb_build_object('provider', provider, 'shard', bucket_of(task) % lanes, 'lanes', lanes)
    );
    PERFORM pg_notify('taskferry_lanes_' || current_schema(), lane);
    RETURN is_new;
END $$
"""
_LEAVE = f"""
CREATE FUNCTION leave_to_workers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lanes integer := coalesce(nullif(current_setting('taskferry.lanes', true), ''), '0')::integer;
BEGIN
    IF lanes = 0 THEN  -- nobody else can have put a new task there
        PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
            queue_of(NEW.provider), '{DRIVE}', 0, NULL, NEW.id, jsonb_build_object('task_id', NEW.id), NULL
        )]::procrastinate_job_to_defer_v1[]);
    ELSE
        PERFORM enqueue(NEW.id, NEW.provider, lanes);
    END IF;
    RETURN NULL;
END $$
"""
_WITHDRAW = f"""
CREATE FUNCTION withdraw_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(nullif(current_setting('taskferry.lanes', true), ''), '0') = '0' THEN
        DELETE FROM procrastinate_jobs  -- both statuses are named for the sake of the index on locks
        WHERE queueing_lock = NEW.id AND status IN ('todo', 'doing') AND status <> 'doing' AND task_name = '{DRIVE}';
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 -- a name of this file
"""Who holds a task needs no worker for it; where that one dies, the sweep puts the job back."""

STATEMENTS = (
    "ALTER TABLE holders ADD COLUMN serves text[]",
    _QUEUE_OF,
    _BUCKET_OF,
    _ENQUEUE_ONCE,
    _ENQUEUE,
    _LEAVE,
    """
CREATE TRIGGER task_left AFTER INSERT ON tasks FOR EACH ROW WHEN (NEW.holder IS NULL AND NEW.status = 'prepared')
EXECUTE FUNCTION leave_to_workers()
""",
    _WITHDRAW,
    """
CREATE TRIGGER task_claimed AFTER UPDATE OF holder ON tasks FOR EACH ROW
WHEN (NEW.holder IS NOT NULL AND NEW.holder IS DISTINCT FROM OLD.holder) EXECUTE FUNCTION withdraw_job()
""",
    f"""
CREATE INDEX tasks_unheld ON tasks (provider, bucket_of(id))
WHERE holder IS NULL AND parked IS NULL AND status IN {LEFT}
""",
    f"CREATE INDEX tasks_held ON tasks (holder) WHERE holder IS NOT NULL AND parked IS NULL AND status IN {LEFT}",
    """
CREATE INDEX taskferry_jobs_by_lock ON procrastinate_jobs (queueing_lock) WHERE status IN ('todo', 'doing')
""",
    "CREATE INDEX taskferry_jobs_of_nobody ON procrastinate_jobs (id) WHERE status = 'doing' AND worker_id IS NULL",
)


def add_queue(connection: psycopg.Connection) -> None:
    """Make Procrastinate's tables, unless they are there, and ours beside them; inside the migration of the schema."""
    if connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() == (None,):
        connection.execute(whole_schema().encode())
    connection.execute(";\n".join(STATEMENTS).encode())
    _note(connection, newest_migration())


def update_queue(connection: psycopg.Connection, address: Address) -> None:
    """Bring Procrastinate's tables up to its installed version; raise LedgerTooNew for those of a later one.

    Called with the lock of migrations held.
    """
    row = connection.execute("SELECT value FROM meta WHERE name = 'procrastinate'").fetchone()
    there, known = bytes(row[0]).decode() if row else "", newest_migration()
    if there > known:
        raise LedgerTooNew(
            f"The work queue in {address.shown} was brought up to date by a later version of Procrastinate ({there}; "
            f"the one installed here knows up to {known}): upgrade it. Nothing was changed."
        )
    for text in migrations_since(there):
        connection.execute(text.encode())
    if there < known:
        _note(connection, known)


def _note(connection: psycopg.Connection, newest: str) -> None:
    connection.execute(
        "INSERT INTO meta VALUES ('procrastinate', %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (newest.encode(),),
    )


def queue_of(provider: str) -> str:
    """Give the name of a provider's queue, as the function of that name does in the database."""
    if len(provider.encode()) <= _SHORT:
        return provider
    from hashlib import md5

    return md5(provider.encode(), usedforsecurity=False).hexdigest()


def lanes_channel(schema: str) -> str:
    """Give the channel on which it is told that a lane has a new task."""
    return f"taskferry_lanes_{schema}"
