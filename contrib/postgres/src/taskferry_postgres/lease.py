"""Who holds a task: a lease per process, renewed while the process lives and over some seconds after its end.

A lease is no fence: one that stood still for longer still believes that it holds its tasks. Each of its writes names
the holder and the version of the row, and so changes nothing that another has taken over.
"""

from __future__ import annotations

import logging
import os
import platform
import secrets
import threading
from typing import Any

import psycopg

from taskferry import LedgerError
from taskferry.ledger.backend import watch
from taskferry_postgres.address import Address
from taskferry_postgres.connecting import connect_patiently, is_gone
from taskferry_postgres.explaining import as_ledger_error

SECONDS = 10.0
"""How long a holder counts as alive after its last sign of life; the server's clock alone decides."""
_SIGNS = 5
"""Signs of life within a lease, so that a few may be lost."""

_TAKE = """
INSERT INTO holders (name, told, expires_at) VALUES (%s, %s, clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (name) DO UPDATE SET expires_at = excluded.expires_at
"""
_CLEAR = "DELETE FROM holders WHERE expires_at < clock_timestamp() - interval '7 days'"
_ALIVE = "greatest(expires_at, pg_postmaster_start_time() + make_interval(secs => {seconds})) > clock_timestamp()"
"""While the server was away nobody could show a sign of life: after its start each has the time to do so."""

log = logging.getLogger("taskferry")


class Lease:
    """This process's own holder, and the means to ask about others; safe to use from several threads."""

    def __init__(self, address: Address, seconds: float = SECONDS) -> None:
        self._address = address
        self._seconds = seconds
        self._lock = threading.RLock()
        self._connection: psycopg.Connection | None = None
        self._start()
        watch(self)

    def _start(self) -> None:
        self._process = os.getpid()
        self._name = f"{self._process}-{secrets.token_hex(8)}"
        self._ended: threading.Event | None = None

    @property
    def name(self) -> str:
        """Give the name that stands in this process's rows; a forked child has one of its own."""
        return self._name

    def take(self) -> str:
        """Take the lease, once, and give the name: from then on other processes see this holder alive."""
        with self._lock:
            if self._ended is None:
                self._run(_CLEAR)
                self._sign()
                self._ended = threading.Event()
                threading.Thread(target=self._live, args=(self._ended,), name="taskferry-lease", daemon=True).start()
            return self._name

    def drop(self) -> None:
        """Give the lease up for good: this holder counts as dead from now on."""
        with self._lock:
            if self._ended is not None:
                self._ended.set()
                try:
                    self._run("DELETE FROM holders WHERE name = %s", self._name, patience=0.0)
                except LedgerError as error:
                    log.warning("The lease of this process ends by itself in %.0f s: %s", self._seconds, error)
            self._disconnect()
            self._start()

    def leave_to_parent(self) -> None:
        """Start as a new holder, in a forked child."""
        self._start()

    @property
    def lives(self) -> str:
        """Give what is so of the row of a holder that lives, as SQL."""
        return _ALIVE.format(seconds=self._seconds)

    def is_alive(self, name: str) -> bool:
        """Tell whether a holder has shown a sign of life within its lease."""
        row = self._run(f"SELECT {self.lives} FROM holders WHERE name = %s", name)  # noqa: S608 -- words of this file
        return bool(row and row[0])

    def describe(self, name: str) -> str:
        """Name a holder for people, as `process 4711 on build-7`."""
        row = self._run("SELECT told FROM holders WHERE name = %s", name)
        return str(row[0]) if row else f"process {name.partition('-')[0]}, which has ended"

    def before_fork(self) -> None:
        """Close the connection, which a child must not touch."""
        self._lock.acquire()
        self._disconnect()

    def after_fork(self, *, child: bool) -> None:
        """Go on; a child has neither its parent's lease nor the thread that renews it."""
        if child:
            self._lock = threading.RLock()
            self._start()
        else:
            self._lock.release()

    def _live(self, ended: threading.Event) -> None:
        """Show a sign of life until the lease is dropped; a failure is told once and tried again."""
        told = False
        while not ended.wait(self._seconds / _SIGNS):
            try:
                with self._lock:
                    if not ended.is_set():
                        self._sign()
                told = False
            except LedgerError as error:
                log.log(logging.DEBUG if told else logging.WARNING, "The lease could not be renewed: %s", error)
                told = True

    def _sign(self) -> None:
        told = f"process {self._process} on {platform.node()}"
        self._run(_TAKE, self._name, told, self._seconds, patience=self._seconds / _SIGNS)

    def _run(self, query: str, *values: Any, patience: float = 10.0) -> tuple[Any, ...] | None:
        """Run one statement, on a new connection if the server has ended the last one."""
        with self._lock:
            for attempt in (1, 2):
                if self._connection is None:
                    self._connection = connect_patiently(self._address, patience)
                try:
                    cursor = self._connection.execute(query.encode(), values)
                    return cursor.fetchone() if cursor.description else None
                except psycopg.Error as error:
                    gone = is_gone(self._connection)
                    if gone:
                        self._disconnect()
                    if attempt == 2 or not gone:
                        raise as_ledger_error(error, self._address) from error
            return None

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
