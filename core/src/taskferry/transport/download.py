"""A result on its way from a provider: streamed, never followed to another address by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import httpx

from taskferry.transport.errors import translated

_CHUNK = 256 * 1024
_PATIENCE = httpx.Timeout(60.0, connect=10.0, pool=None)


@asynccontextmanager
async def open_download(client: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> AsyncIterator[Download]:
    """Open a result for streaming."""
    what = f"GET {urlsplit(url).hostname}"
    async with AsyncExitStack() as stack:
        with translated(what):
            stream = client.stream("GET", url, headers=dict(headers), timeout=_PATIENCE)
            response = await stack.enter_async_context(stream)
        yield Download(response, what)


class Download:
    """A result on its way."""

    def __init__(self, response: httpx.Response, what: str) -> None:
        self._response = response
        self._what = what
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        length = response.headers.get("content-length", "")
        plain = "content-encoding" not in response.headers
        self.length = int(length) if plain and length.isdigit() else None
        """Bytes that will come, where the server says so."""

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body; raise WireError if it breaks off."""
        with translated(self._what):
            async for chunk in self._response.aiter_bytes(_CHUNK):
                yield chunk
