"""A result on its way from a provider: streamed, never followed to another address by itself."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import httpx

from taskferry.errors import MalformedReply
from taskferry.transport.errors import translated

STALL = 60.0
"""Seconds without a single byte after which a download counts as broken off."""
_ENCODINGS = frozenset({"", "identity", "gzip", "deflate"})
"""What a body may be packed in although identity was asked for; others, and several at once, can unpack to anything."""
_MOST_UNPACKED = 200
"""Bytes that one packed byte may become; text of a model hardly ever becomes 30."""
_UNPACKED_FREELY = 16 * 1024 * 1024
"""Bytes within which nobody counts."""
_LENGTH = re.compile("[0-9]{1,18}")


@asynccontextmanager
async def open_download(
    client: httpx.AsyncClient, url: str, headers: Mapping[str, str], *, stall: float = STALL
) -> AsyncIterator[Download]:
    """Open a result for streaming; raise MalformedReply for one packed in a way that is not unpacked here."""
    what = f"GET {urlsplit(url).hostname}"
    patience = httpx.Timeout(stall, connect=10.0, pool=None)
    async with AsyncExitStack() as stack:
        with translated(what):
            stream = client.stream("GET", url, headers=dict(headers), timeout=patience)
            response = await stack.enter_async_context(stream)
        yield Download(response, what)


class Download:
    """A result on its way."""

    def __init__(self, response: httpx.Response, what: str) -> None:
        self._response = response
        self._what = what
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in _ENCODINGS:
            raise MalformedReply(f"{what}: the reply is packed as {encoding[:40]!r}, although it was asked not to be.")
        self.encoded = encoding not in ("", "identity")
        """Whether the bytes that come were packed on the way, so that lengths and sums are of something else."""
        length = response.headers.get("content-length", "")
        self.length = int(length) if not self.encoded and _LENGTH.fullmatch(length) else None
        """Bytes that will come, where the server says so."""

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body; raise ReplyLost if it breaks off, MalformedReply if it unpacks to a flood."""
        unpacked = 0
        with translated(self._what):
            async for chunk in self._response.aiter_bytes():
                unpacked += len(chunk)
                if self.encoded and unpacked > self._most():
                    times = f"{_MOST_UNPACKED} times its size"
                    raise MalformedReply(f"{self._what}: the reply unpacks to more than {times}.")
                yield chunk

    def _most(self) -> int:
        return max(_UNPACKED_FREELY, self._response.num_bytes_downloaded * _MOST_UNPACKED)
