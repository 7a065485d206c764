"""Opens connections, and waits for a server that restarts."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from psycopg import sql

from taskferry_postgres.address import Address
from taskferry_postgres.explaining import as_ledger_error

PATIENCE = 10.0
"""Seconds that a call waits for a server that does not answer, and for another process's write."""

_DEFAULTS: dict[str, Any] = {
    "application_name": "taskferry",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "tcp_user_timeout": 15_000,
}
"""What holds unless the URL says otherwise: a network that is silent is noticed within seconds."""
_COMING_BACK = ("starting up", "shutting down", "in recovery", "too many", "remaining connection slots")
"""What a server says that will take connections again soon."""


def connect(address: Address) -> psycopg.Connection:
    """Connect once, with names looked up in the ledger's schema; raise psycopg.Error."""
    connection = psycopg.connect(address.url, autocommit=True, **settings_of(address))
    try:
        connection.execute(session_of(address))
    except BaseException:
        connection.close()
        raise
    return connection


def settings_of(address: Address) -> dict[str, Any]:
    """Give the settings of every connection, but for those that the URL makes."""
    return {name: value for name, value in _DEFAULTS.items() if f"{name}=" not in address.url}


def session_of(address: Address) -> sql.Composed:
    """Give the statement that every connection begins with."""
    return sql.SQL(
        "SELECT set_config('search_path', {}, false), set_config('lock_timeout', {}, false), "
        "set_config('taskferry.lanes', {}, false)"
    ).format(f"{address.schema},pg_catalog", f"{PATIENCE:.0f}s", str(address.lanes))


def connect_patiently(address: Address, patience: float) -> psycopg.Connection:
    """Connect, and try again for some seconds while the server does not answer; raise LedgerError."""
    deadline, pause = time.monotonic() + patience, 0.05
    while True:
        try:
            return connect(address)
        except psycopg.Error as error:
            if not _may_come_back(error) or time.monotonic() + pause > deadline:
                raise as_ledger_error(error, address) from error
        time.sleep(pause)
        pause = min(pause * 2, 1.0)


def _may_come_back(error: psycopg.Error) -> bool:
    """Tell a server that is away for a moment from one that refuses this user or has no such database."""
    text = str(error)
    return isinstance(error, psycopg.OperationalError) and ("FATAL" not in text or any(w in text for w in _COMING_BACK))


def is_gone(connection: psycopg.Connection) -> bool:
    """Tell whether a connection is of no use any more."""
    return connection.closed or connection.broken
