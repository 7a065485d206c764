"""The connections of one event loop, shared by every provider."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

import httpx

from taskferry.call import Purpose
from taskferry.transport.download import Download, open_download

_READ = httpx.Timeout(30.0, connect=10.0, pool=None)
_CREATE = httpx.Timeout(120.0, connect=10.0, pool=None)


def _without_query(record: logging.LogRecord) -> bool:
    """Cut the query off the addresses that httpx logs: it may hold a key or a signature."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg.copy_with(query=None) if isinstance(arg, httpx.URL) and arg.query else arg for arg in record.args
        )
    return True


logging.getLogger("httpx").addFilter(_without_query)


class Transport:
    """The connections of one event loop, shared by every provider."""

    def __init__(self, *, now: Callable[[], float] = time.time, user_agent: str = "taskferry") -> None:
        headers = {"User-Agent": user_agent}
        certificates = httpx.create_ssl_context()
        self.now = now
        self._client = httpx.AsyncClient(
            verify=certificates,
            headers=headers,
            timeout=_READ,
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=100),
        )
        # A create never rides on a kept-alive connection: one that the server has just closed looks like a lost reply.
        self._creating = httpx.AsyncClient(
            verify=certificates, headers=headers, timeout=_CREATE, limits=httpx.Limits(max_keepalive_connections=0)
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()
        await self._creating.aclose()

    def client_for(self, purpose: Purpose) -> httpx.AsyncClient:
        """Give the client that a call of this purpose goes over."""
        return self._creating if purpose is Purpose.CREATE else self._client

    def download(self, url: str, headers: Mapping[str, str]) -> AbstractAsyncContextManager[Download]:
        """Open a result for streaming; follows no redirect by itself."""
        return open_download(self._client, url, headers)
