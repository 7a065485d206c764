"""One account at one provider: base URL, credentials, limits and errors, once for every adapter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO

import httpx

from taskferry.adapter import Service
from taskferry.call import Call, FilePart
from taskferry.credentials import Secret
from taskferry.errors import AdapterError, MalformedReply
from taskferry.media import media_type_of
from taskferry.reply import Reply
from taskferry.signing import sign
from taskferry.text import clean
from taskferry.transport.clients import Transport
from taskferry.transport.errors import translated

REPLY_LIMIT = 8 * 1024 * 1024
"""Bytes of one decoded reply; more is a malformed reply."""
_CHUNK = 256 * 1024
_AT_ONCE = 24
"""Requests of one account under way at a time: a stock httpx pool slows down sharply when many wait in it."""


class Wire:
    """One account at one provider: sends what its adapter yields."""

    def __init__(self, transport: Transport, service: Service, base_url: str, key: Secret | None) -> None:
        self.service = service
        self.base_url = base_url.rstrip("/")
        self._transport = transport
        self._key = key
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    def __repr__(self) -> str:
        return f"<Wire to {self.base_url}>"

    def prepare(self, call: Call) -> Call:
        """Check a call before anything is promised about it; raise CallForbidden or AdapterError."""
        self._signed(call)
        return call

    async def send(self, call: Call) -> Reply:
        """Send a call over stock httpx and bring back its whole reply; raise WireError."""
        url, params, headers = self._signed(call)
        what = f"{call.method} {httpx.URL(url).host}{httpx.URL(url).path}"
        client = self._transport.client_for(call.purpose)
        async with self._at_once:
            with translated(what), ExitStack() as files:
                body = _body(call, files, headers)
                request = client.build_request(call.method, url, params=params or None, headers=headers, **body)
                response = await client.send(request, stream=True)
                try:
                    content = await _capped(response, what) if call.want_body or response.status_code >= 300 else b""
                finally:
                    await response.aclose()
        return self._reply(response, content, url)

    async def look(self, call: Call) -> Reply:
        """Send a status read; the road that many tasks share."""
        return await self.send(call)

    def keyed(self, url: str) -> tuple[str, dict[str, str]]:
        """Give URL and headers that fetch a result served only with the key; raise CallForbidden for a foreign host."""
        signed, params, headers = self._signed(Call.get(url))
        return (str(httpx.URL(signed).copy_merge_params(params)) if params else signed), headers

    def _signed(self, call: Call) -> tuple[str, dict[str, Any], dict[str, str]]:
        return sign(call, self.service, self.base_url, self._key, self._transport.now)

    def _reply(self, response: httpx.Response, content: bytes, url: str) -> Reply:
        headers = dict(response.headers)
        if (after := headers.get("retry-after")) is not None:
            headers["retry-after"] = _seconds(after, self._transport.now())
        trace = next((headers[name] for name in self.service.trace_headers if name in headers), None)
        place = url.partition("?")[0]
        return Reply(response.status_code, content, headers, url=place, trace_id=clean(trace, 100) if trace else None)


async def _capped(response: httpx.Response, what: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > REPLY_LIMIT:
            raise MalformedReply(f"{what}: the reply is larger than {REPLY_LIMIT // 1024 // 1024} MiB.")
    return bytes(body)


def _seconds(value: str, now: float) -> str:
    """Turn the date form of Retry-After into seconds; leave anything else as it is."""
    if value.strip().replace(".", "", 1).isdigit():
        return value.strip()
    try:
        return str(max(0.0, parsedate_to_datetime(value).timestamp() - now))
    except (ValueError, TypeError, OverflowError):
        return value


def _body(call: Call, files: ExitStack, headers: dict[str, str]) -> dict[str, Any]:
    if call.body_file is not None:
        part = call.body_file
        opened = _open(part, files)
        headers["Content-Type"] = _media_type(part)
        headers["Content-Length"] = str(part.path.stat().st_size)
        return {"content": _streamed(opened)}
    if call.files:
        parts = [(part.name, (part.path.name, _open(part, files), _media_type(part))) for part in call.files]
        return {"files": parts, "data": call.json or {}}
    return {} if call.json is None else {"json": call.json}


def _open(part: FilePart, files: ExitStack) -> BinaryIO:
    try:
        return files.enter_context(part.path.open("rb"))
    except OSError as error:
        raise AdapterError(f"{part.path} cannot be read: {error.strerror}.") from error


def _media_type(part: FilePart) -> str:
    return part.media_type or media_type_of(part.path.name) or "application/octet-stream"


async def _streamed(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, _CHUNK):
        yield chunk
