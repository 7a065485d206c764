"""Hears from PostgreSQL which tasks any process has changed, on a connection and a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import psycopg
from psycopg import sql

from taskferry import LedgerError
from taskferry_postgres.address import Address
from taskferry_postgres.connecting import connect_patiently
from taskferry_postgres.explaining import as_ledger_error
from taskferry_postgres.schema import channel_of

_TURN = 0.5
"""Seconds after which the thread looks whether it is still wanted."""
_AWAY = 5.0
"""Seconds for which a server that is away is tried at a time; who waits reads the rows meanwhile."""

log = logging.getLogger("taskferry")


class Listener:
    """Calls somebody with the id of each task that took a step, or whose file was kept, until it is closed."""

    def __init__(self, address: Address, heard: Callable[[str], None]) -> None:
        self._address = address
        self._heard = heard
        self._ended = threading.Event()
        self.hears = False
        """Whether a connection is there on which everything is heard."""
        threading.Thread(target=self._listen, name="taskferry-listener", daemon=True).start()

    def close(self) -> None:
        """Call nobody any more; the thread ends by itself."""
        self._ended.set()

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                with connect_patiently(self._address, _AWAY) as connection:
                    try:
                        self._hear(connection)
                    finally:
                        self.hears = False
            except (LedgerError, psycopg.Error) as error:
                told = as_ledger_error(error, self._address) if isinstance(error, psycopg.Error) else error
                log.debug("changes by other processes are heard of later: %s", told)
                self._ended.wait(_TURN)

    def _hear(self, connection: psycopg.Connection) -> None:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel_of(self._address.schema))))
        self.hears = True
        while not self._ended.is_set():
            for notice in connection.notifies(timeout=_TURN):
                if self._ended.is_set():
                    return
                self._heard(notice.payload)
