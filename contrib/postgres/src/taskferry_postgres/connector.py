"""The connections of a worker's queue: a server that is away is waited for, and the worker hears nothing of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

import psycopg
from procrastinate import PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException
from psycopg_pool import AsyncConnectionPool

from taskferry_postgres.address import Address
from taskferry_postgres.connecting import session_of, settings_of
from taskferry_postgres.explaining import told

T = TypeVar("T")

log = logging.getLogger("taskferry")

_CONNECTIONS = 3
_SESSION = "SET synchronous_commit = off; SET enable_sort = off; SET enable_seqscan = off; SET enable_bitmapscan = off"
"""A job that a power cut puts back is found to be done already. A table without statistics looks empty to PostgreSQL,
which then sorts all that waits for each job that is fetched, although there is an index in that order."""
_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
"""Seconds between two tries."""
_AT_THE_END = 5.0
"""Seconds for which a server that is away is waited for when the worker is to end."""


class Connector(PsycopgConnector):
    """Runs Procrastinate's statements, each of which may be run twice, until the server has answered."""

    def __init__(self, address: Address, channels: Mapping[str, Callable[[str], None]]) -> None:
        """Take what is called with each notice on a channel beside those of Procrastinate."""
        self._address = address
        self._channels = channels
        self._away_since: float | None = None
        self._steady_since = float("-inf")
        self._ends_at = float("inf")
        super().__init__(configure=self._configure)
        self._own = AsyncConnectionPool(
            address.url,
            kwargs={**settings_of(address), "application_name": "taskferry worker"},
            configure=self._configure,
            min_size=1,
            max_size=_CONNECTIONS,
            timeout=5.0,
            open=False,
            name="taskferry-queue",
        )

    async def begin(self) -> None:
        """Begin to connect."""
        await self._own.open()
        await self.open_async(self._own)

    async def end(self) -> None:
        """Close every connection."""
        await self._own.close()

    def end_soon(self) -> None:
        """Wait no longer than some seconds for a server that is away."""
        self._ends_at = time.monotonic() + _AT_THE_END

    def steady_for(self, seconds: float) -> bool:
        """Tell whether the server has answered for so long that every live worker has had the time to show it."""
        return self._away_since is None and time.monotonic() - self._steady_since >= seconds

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        """Run a statement."""
        await self._patiently(lambda: super(Connector, self).execute_query_async(query, **arguments))

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        """Run a statement and give its only row."""
        return await self._patiently(lambda: super(Connector, self).execute_query_one_async(query, **arguments))

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        """Run a statement and give its rows."""
        return await self._patiently(lambda: super(Connector, self).execute_query_all_async(query, **arguments))

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Hear of what is told, for ever."""

        async def heard(*, channel: str, payload: str) -> None:
            own = self._channels.get(channel)
            if own is not None:
                own(payload)
            else:
                await on_notification(channel=channel, payload=payload)

        names = [*channels, *self._channels]
        await self._patiently(lambda: super(Connector, self).listen_notify(heard, names))

    async def _configure(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Look names up in the ledger's schema."""
        await connection.set_autocommit(True)
        await connection.execute(session_of(self._address))
        await connection.execute(_SESSION)

    async def _patiently(self, run: Callable[[], Awaitable[T]]) -> T:
        pause = _PAUSE
        while True:
            try:
                answer = await run()
            except ConnectorException as error:
                cause = error.__cause__
                away = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
                if not away or time.monotonic() > self._ends_at:
                    raise
                self._went_away(cause)
            else:
                self._answered()
                return answer
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _went_away(self, error: BaseException | None) -> None:
        if self._away_since is None:
            self._away_since = time.monotonic()
            why = told(error, self._address) if isinstance(error, psycopg.Error) else error
            log.warning("The work queue in %s does not answer, and is waited for: %s", self._address.shown, why)

    def _answered(self) -> None:
        if self._away_since is not None:
            now = time.monotonic()
            log.info("The work queue in %s answers again, after %.1f s.", self._address.shown, now - self._away_since)
            self._away_since, self._steady_since = None, now
