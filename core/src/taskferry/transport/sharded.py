"""Looks over stock httpx, spread over small pools: one large pool slows down with each connection in it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from http.cookiejar import DefaultCookiePolicy

import httpx

from taskferry.errors import MalformedReply
from taskferry.transport.errors import HTTPX_ERRORS
from taskferry.transport.lane import CONNECT_TIME, LOOK_TIME, Answer, capped, lost, target

SHARDS = 8
"""Pools; with their connections they bear as many looks at a time as a poller makes."""
_CONNECTIONS = 8
"""Connections of one pool: beyond that the search for a free one costs more than the request."""
_LIMITS = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
_EXTENSIONS = {"timeout": httpx.Timeout(LOOK_TIME, connect=CONNECT_TIME, pool=None).as_dict()}


class ShardedLane:
    """Looks over one or several transports of httpx, each time over the one with the fewest under way."""

    def __init__(self, transports: Sequence[httpx.AsyncBaseTransport], user_agent: str) -> None:
        self.at_once = 24
        self._transports = transports
        self._busy = [0] * len(transports)
        self._places = range(len(transports))
        self._headers = {
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
            "Connection": "keep-alive",
            "User-Agent": user_agent,
        }

    async def look(self, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Read a URL, by a POST if there is a body; raise WireError."""
        place = min(self._places, key=self._busy.__getitem__)
        self._busy[place] += 1
        try:
            method = "GET" if body is None else "POST"
            sent = {**self._headers, **headers}
            request = httpx.Request(method, url, headers=sent, content=body, extensions=_EXTENSIONS)
            response = await self._transports[place].handle_async_request(request)
            try:
                return response.status_code, await capped(response, target(url)), response.headers
            finally:
                await response.aclose()
        except httpx.DecodingError:
            raise MalformedReply(f"{target(url)}: the reply cannot be unpacked.") from None
        except HTTPX_ERRORS as error:
            # What h11 refuses to send it quotes, headers and all.
            shown = not isinstance(error, httpx.LocalProtocolError | httpx.InvalidURL)
            raise lost(url, type(error).__name__, str(error) if shown else "") from None
        finally:
            self._busy[place] -= 1

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._transports:
            await transport.aclose()


class _Proxied(httpx.AsyncBaseTransport):
    """A small client of httpx's as a transport: it goes by the proxies that the environment names."""

    def __init__(self, certificates: ssl.SSLContext) -> None:
        self._client = httpx.AsyncClient(verify=certificates, limits=_LIMITS)
        self._client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request without following redirects."""
        return await self._client.send(request, stream=True)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def small_pools(certificates: ssl.SSLContext, *, proxied: bool) -> Sequence[httpx.AsyncBaseTransport]:
    """Give transports with few connections each, by proxy where the environment names one."""
    if proxied:
        return [_Proxied(certificates) for _ in range(SHARDS)]
    return [httpx.AsyncHTTPTransport(verify=certificates, limits=_LIMITS) for _ in range(SHARDS)]
