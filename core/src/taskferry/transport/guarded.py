"""Connections to hosts that a provider names: only to public addresses, and to the very address that was checked."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from taskferry.errors import CallForbidden
from taskferry.transport.addresses import is_public, literal

_FIRST_TRIES = 3.0
"""Seconds for each address of a host but the last, which gets all that are left."""
_PATIENCE = httpx.Timeout(30.0, connect=10.0, pool=None)
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


async def _resolved(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[4][0]) for place in found]


class Guard(httpcore.AsyncNetworkBackend):
    """Resolves a name once, checks what it leads to, and connects there; TLS goes on with the name."""

    def __init__(self, resolve: Resolve = _resolved, allowed: Callable[[Address], bool] = is_public) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect as httpcore asks; raise CallForbidden if any of the host's addresses is not public."""
        try:
            async with asyncio.timeout(timeout):
                addresses = list(dict.fromkeys(await self._resolve(host, port)))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host} was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved: {error}") from error
        for address in addresses:
            if not self._allowed(ipaddress.ip_address(address)):
                raise CallForbidden(refused(host, address))
        return await self._connected(host, addresses, port, timeout, local_address, socket_options)

    async def _connected(
        self, host: str, addresses: Sequence[str], port: int, timeout: float | None, *more: Any
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            last = address == addresses[-1]
            patience = timeout if last or timeout is None else min(timeout, _FIRST_TRIES)
            try:
                return await self._network.connect_tcp(address, port, patience, *more)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait as httpcore asks."""
        await self._network.sleep(seconds)


class _GuardedTransport(httpx.AsyncHTTPTransport):
    """A transport of httpx over a guard."""

    def __init__(self, certificates: ssl.SSLContext, guard: Guard) -> None:
        super().__init__(verify=certificates)
        if not isinstance(self._pool, httpcore.AsyncConnectionPool):
            raise RuntimeError("This version of httpx keeps its connections elsewhere: addresses could not be checked.")
        # httpx takes no network backend from outside, so the pool that it made is replaced before its first use.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=certificates,
            network_backend=guard,
            max_connections=_LIMITS.max_connections,
            max_keepalive_connections=_LIMITS.max_keepalive_connections,
            keepalive_expiry=_LIMITS.keepalive_expiry,
        )


class GuardedClients:
    """The clients for hosts that providers name, apart from those for providers themselves: no connection is shared."""

    def __init__(self, certificates: ssl.SSLContext, headers: Mapping[str, str], *, guard: Guard | None = None) -> None:
        """Go by the proxy that the environment names, where it names one; it then resolves, and so checks, names."""
        direct = _GuardedTransport(certificates, guard or Guard())
        self._direct = httpx.AsyncClient(transport=direct, headers=headers, timeout=_PATIENCE)
        found = getproxies()
        proxy = found.get("https") or found.get("all")
        self._proxied = None
        if proxy:
            address = proxy if "://" in proxy else f"http://{proxy}"
            self._proxied = httpx.AsyncClient(
                proxy=address, verify=certificates, headers=headers, timeout=_PATIENCE, limits=_LIMITS
            )

    def client_for(self, url: str) -> httpx.AsyncClient:
        """Give the client for a URL; raise CallForbidden for a host that is itself an address and not a public one."""
        host = urlsplit(url).hostname or ""
        written = literal(host)
        if written is not None and not is_public(written):
            raise CallForbidden(refused(host, str(written)))
        by_proxy = self._proxied is not None and not proxy_bypass(host)
        return self._proxied if self._proxied is not None and by_proxy else self._direct

    async def aclose(self) -> None:
        """Close all connections."""
        await self._direct.aclose()
        if self._proxied is not None:
            await self._proxied.aclose()


def refused(host: str, address: str) -> str:
    """Say why a host is not connected to."""
    leads = "is" if host == address else f"leads to {address}, which is"
    return f"{host} is not connected to: it {leads} no public address, and a provider has no business there."
