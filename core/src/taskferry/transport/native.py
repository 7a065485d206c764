"""Looks over pyreqwest, which costs about a tenth of what stock httpx does."""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import DetailedPyreqwestError, PyreqwestError
from pyreqwest.request import StreamRequest
from pyreqwest.response import ResponseBodyReader

from taskferry.transport.lane import CONNECT_TIME, LOOK_TIME, REPLY_LIMIT, Answer, lost, target, too_large
from taskferry.transport.parking import park

_BUFFERED = 64 * 1024
"""Bytes that pyreqwest reads by itself; a shorter body is whole by then, its connection free, and nothing to close.

Every call that is awaited in vain hands Python's lock to its thread and back, which costs more than the call.
"""

# A process that ends with looks under way would else abort, also where it closed all that it had opened.
atexit.register(park, os.getpid())


class NativeLane:
    """Looks over pyreqwest: one client for each event loop, closed with it."""

    def __init__(self, certificates: Sequence[bytes], user_agent: str) -> None:
        """Take the certificates (DER) that stock httpx trusts, so that both roads trust the same providers."""
        self.at_once = 100
        self._certificates = certificates
        self._user_agent = user_agent
        self._client: Client | None = None

    async def look(self, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Read a URL, by a POST if there is a body; raise WireError."""
        client = self._client or self._open()
        try:
            asked = client.get(url) if body is None else client.post(url).body_bytes(body)
            request = asked.headers(headers).streamed_read_buffer_limit(_BUFFERED).build_streamed()
            response = await request.__aenter__()
            first = await response.body_reader.read(_BUFFERED)
            content = b"" if first is None else first.to_bytes()
            if len(content) == _BUFFERED:
                content += await _rest(request, response.body_reader)
        except PyreqwestError as error:
            raise lost(url, type(error).__name__, _reason(error)) from None
        except ValueError as error:  # an address or a header that it refuses to send, and quotes
            raise lost(url, type(error).__name__, "") from None
        if len(content) > REPLY_LIMIT:
            raise too_large(target(url))
        return response.status, content, response.headers

    async def aclose(self) -> None:
        """Close all connections; pyreqwest does so only once nothing names the client any more."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _open(self) -> Client:
        builder = (
            ClientBuilder()
            .follow_redirects(False)
            .referer(False)
            .no_proxy()
            .user_agent(self._user_agent)
            .timeout(timedelta(seconds=LOOK_TIME))
            .connect_timeout(timedelta(seconds=CONNECT_TIME))
        )
        for certificate in self._certificates:
            builder = builder.add_root_certificate_der(certificate)
        self._client = builder.build()
        return self._client


async def _rest(request: StreamRequest, reader: ResponseBodyReader) -> bytes:
    """Read on, by one byte too many at most, and let the connection go whatever happens."""
    try:
        rest = await reader.read(REPLY_LIMIT + 1 - _BUFFERED)
        return b"" if rest is None else rest.to_bytes()
    finally:
        await request.__aexit__(None, None, None)


def _reason(error: PyreqwestError) -> str:
    """Give the innermost cause: the outer ones quote the whole address."""
    causes = error.details["causes"] if isinstance(error, DetailedPyreqwestError) else None
    reason = causes[-1]["message"] if causes else error.message
    return "" if "://" in reason else reason
