"""Makes the ledger's schema, and brings an older one up to date: once, however many processes begin at a time."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Callable, Sequence
from typing import TypeAlias

import psycopg
from psycopg import sql

from taskferry import LedgerCorrupt, LedgerTooNew
from taskferry_postgres.address import Address
from taskferry_postgres.counting import COUNTING
from taskferry_postgres.limit_tables import LIMITS
from taskferry_postgres.queue_schema import add_queue
from taskferry_postgres.tables import INDEXES, OTHERS, TASKS

_MIGRATING, WRITING = 0x74666C67, 0x74666C68
"""The locks that all processes share, each with the number of the schema."""

_FUNCTIONS = (
    """
CREATE FUNCTION json_each(document text, OUT value text) RETURNS SETOF text LANGUAGE sql IMMUTABLE ROWS 10
AS $$ SELECT json_array_elements_text(document::json) $$
""",
    """
CREATE FUNCTION json_extract(document text, path text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF path = '$[0]' THEN
        RETURN document::json ->> 0;
    END IF;
    RETURN document::json ->> substr(path, 3);
EXCEPTION WHEN data_exception OR untranslatable_character THEN  -- a NUL, or half a surrogate pair
    RETURN NULL;
END $$
""",
    "CREATE FUNCTION instr(a text, b text) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT strpos(a, b)'",
    """
CREATE FUNCTION add_one(counted bigint, is_so boolean) RETURNS bigint LANGUAGE sql IMMUTABLE
AS 'SELECT counted + coalesce(is_so::integer, 0)'
""",
    "CREATE AGGREGATE sum(boolean) (SFUNC = add_one, STYPE = bigint, INITCOND = '0')",
)
"""What SQLite has and PostgreSQL has not."""

_HELD = ("day", "provider", "state", "unit", "reserved", "actual", "quantity", "quantity_unit", "seconds")
_TEXTS = ", ".join(f"to_json({{0}}.{name})::text" for name in _HELD)
_ALIKE = f"('[' || array_to_string(ARRAY[{_TEXTS}], ',', 'null') || ']')"
"""What is alike in the eyes of a cap, as one text that begins with the day."""
_COUNTING = f"""
CREATE FUNCTION count_spend() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state <> 'released' THEN
        UPDATE held SET tasks = tasks - 1 WHERE alike = {_ALIKE.format("OLD")};
        DELETE FROM held WHERE alike = {_ALIKE.format("OLD")} AND tasks = 0;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.state <> 'released' THEN
        INSERT INTO held (alike, tasks) VALUES ({_ALIKE.format("NEW")}, 1)
        ON CONFLICT (alike) DO UPDATE SET tasks = held.tasks + 1;
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 -- names of this file
_TRIGGERS = (
    "CREATE TRIGGER spend_counted AFTER INSERT OR DELETE ON spend FOR EACH ROW EXECUTE FUNCTION count_spend()",
    """
CREATE TRIGGER spend_recounted AFTER UPDATE ON spend FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
EXECUTE FUNCTION count_spend()
""",
)

_TELLING = (
    """
CREATE FUNCTION tell_of_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('taskferry_' || TG_TABLE_SCHEMA, NEW.task);
    RETURN NULL;
END $$
""",
    "CREATE TRIGGER step_told AFTER INSERT ON transitions FOR EACH ROW EXECUTE FUNCTION tell_of_change()",
    """
CREATE TRIGGER file_told AFTER INSERT ON artifacts FOR EACH ROW WHEN (NEW.path IS NOT NULL)
EXECUTE FUNCTION tell_of_change()
""",
)
"""Not of progress: whoever waits waits for the end."""

Migration: TypeAlias = "Sequence[str] | Callable[[psycopg.Connection], None]"

MIGRATIONS: Sequence[Migration] = (
    (
        f"CREATE TABLE tasks ({', '.join(f'{name} {kind}' for name, kind in TASKS.items())})",
        *(f"CREATE TABLE {name} ({columns})" for name, columns in OTHERS.items()),
        *(f"CREATE {index}" for index in INDEXES),
        *_FUNCTIONS,
        _COUNTING,
        *_TRIGGERS,
        *_TELLING,
    ),
    add_queue,
    LIMITS,
    COUNTING,
)
"""One entry per version; an entry that was released is never changed, a new one is added behind it."""

VERSION = len(MIGRATIONS)


def number_of(schema: str) -> int:
    """Give a schema's number among the locks of a database."""
    return zlib.crc32(schema.encode()) - 2**31


def channel_of(schema: str) -> str:
    """Give the channel on which changes in a schema are told."""
    return f"taskferry_{schema}"


def settle(connection: psycopg.Connection, address: Address, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Make the schema or bring it up to date; raise LedgerError for one that is not ours to use, and leave it so."""
    if _version(connection, address, len(migrations)) == len(migrations):
        return
    with connection.transaction():
        lock_migrations(connection, address)
        version = _version(connection, address, len(migrations))
        if version == len(migrations):
            return
        if version == 0:
            _begin(connection, address)
        for migration in migrations[version:]:
            if callable(migration):
                migration(connection)
            else:
                connection.execute(";\n".join(migration).encode())
        connection.execute("UPDATE meta SET value = %s WHERE name = 'version'", (str(len(migrations)).encode(),))


def lock_migrations(connection: psycopg.Connection, address: Address) -> None:
    """Keep every other process from changing the schema until this transaction ends."""
    connection.execute(f"SELECT pg_advisory_xact_lock({_MIGRATING}, {number_of(address.schema)})".encode())


def _begin(connection: psycopg.Connection, address: Address) -> None:
    if connection.execute("SELECT to_regnamespace(%s)", (address.schema,)).fetchone() == (None,):
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(address.schema)))
    connection.execute("CREATE TABLE meta (name text PRIMARY KEY, value bytea NOT NULL)")
    connection.execute(
        "INSERT INTO meta VALUES ('application', 'taskferry'), ('version', '0'), ('salt', %s)",
        (secrets.token_bytes(32),),
    )


def _version(connection: psycopg.Connection, address: Address, known: int) -> int:
    """Give the schema's version, 0 where there is none; raise LedgerError for one that was not made by this program."""
    query = "SELECT count(*) FILTER (WHERE tablename = 'meta'), count(*) FROM pg_tables WHERE schemaname = %s"
    own, tables = connection.execute(query, (address.schema,)).fetchone() or (0, 0)
    if not tables:
        return 0
    version = _said(connection, address) if own else None
    if version is None:
        raise LedgerCorrupt(
            f"The schema {address.schema} of {address.shown} has tables of another program, and was left alone: name "
            "another database, or another schema by TASKFERRY_LEDGER_SCHEMA."
        )
    if version > known:
        raise LedgerTooNew(
            f"{address.shown} was written by a later version of taskferry-postgres (ledger version {version}, this one "
            f"knows up to {known}): upgrade it. Nothing was changed."
        )
    return version


def _said(connection: psycopg.Connection, address: Address) -> int | None:
    """Give the version that the schema says it has; None where it says nothing that this program writes."""
    query = sql.SQL("SELECT name, value FROM {}.meta WHERE name IN ('application', 'version')")
    try:  # with its schema's name, since one that may not be used is passed over without a word
        rows = connection.execute(query.format(sql.Identifier(address.schema))).fetchall()
    except psycopg.errors.UndefinedColumn:
        return None
    said: dict[object, object] = dict(rows)
    version = said.get("version")
    if said.get("application") != b"taskferry" or not isinstance(version, bytes) or not version.isdigit():
        return None
    return int(version)
