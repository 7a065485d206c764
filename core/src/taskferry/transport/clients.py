"""The connections of one event loop, shared by every provider."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from importlib.util import find_spec

import httpx

from taskferry.call import Purpose
from taskferry.transport.download import STALL, Download, open_download
from taskferry.transport.guarded import GuardedClients
from taskferry.transport.lane import Lane
from taskferry.transport.roads import open_lane

_READ = httpx.Timeout(30.0, connect=10.0, pool=None)
_CREATE = httpx.Timeout(120.0, connect=10.0, pool=None)
KEPT_ALIVE = 100
"""Connections at most that stay open between calls, and for files; those of creates never do."""


def _without_query(record: logging.LogRecord) -> bool:
    """Cut the query off the addresses that httpx logs: it may hold a key or a signature."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg.copy_with(query=None) if isinstance(arg, httpx.URL) and arg.query else arg for arg in record.args
        )
    return True


logging.getLogger("httpx").addFilter(_without_query)

if "sniffio" not in sys.modules and find_spec("sniffio") is None:
    # httpcore tries to import it at every request; so it is told at once, without a search, that it is not there
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # Python's own way to say so


class Transport:
    """The connections of one event loop, shared by every provider."""

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        user_agent: str = "taskferry",
        look_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Open nothing yet; `look_transport` takes the place of the client that status reads go over."""
        headers = {"User-Agent": user_agent}
        certificates = httpx.create_ssl_context()
        self.now = now
        self.monotonic = monotonic
        self._open_lane = partial(open_lane, certificates, user_agent, look_transport)
        self._lane: Lane | None = None
        self._client = httpx.AsyncClient(
            verify=certificates,
            headers=headers,
            timeout=_READ,
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=KEPT_ALIVE),
        )
        self._guarded = GuardedClients(certificates, headers)
        # A create never rides on a kept-alive connection: one that the server has just closed looks like a lost reply.
        self._creating = httpx.AsyncClient(
            verify=certificates, headers=headers, timeout=_CREATE, limits=httpx.Limits(max_keepalive_connections=0)
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()
        await self._creating.aclose()
        await self._guarded.aclose()
        if self._lane is not None:
            await self._lane.aclose()

    @property
    def lane(self) -> Lane:
        """Give the road of status reads, made when the first one leaves."""
        if self._lane is None:
            self._lane = self._open_lane()
        return self._lane

    def client_for(self, purpose: Purpose) -> httpx.AsyncClient:
        """Give the client that a call of this purpose goes over."""
        return self._creating if purpose is Purpose.CREATE else self._client

    def guarded_for(self, url: str) -> httpx.AsyncClient:
        """Give the client for a host that a provider named; it raises CallForbidden where that is not a public one."""
        return self._guarded.client_for(url)

    def download(
        self, url: str, headers: Mapping[str, str], *, foreign: bool = True, stall: float = STALL
    ) -> AbstractAsyncContextManager[Download]:
        """Open a result for streaming, from a `foreign` host over the guarded road; follows no redirect by itself."""
        return open_download(self.guarded_for(url) if foreign else self._client, url, headers, stall=stall)
