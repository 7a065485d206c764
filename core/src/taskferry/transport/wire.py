"""One account at one provider: base URL, credentials, limits and errors, once for every adapter."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO

import httpx

from taskferry.adapter import Service
from taskferry.call import Call, FilePart, Purpose
from taskferry.credentials import Secret
from taskferry.errors import AdapterError
from taskferry.media import media_type_of
from taskferry.reply import Reply
from taskferry.signing import fixed_headers, is_own_url, sign
from taskferry.transport.addresses import is_foreign
from taskferry.transport.clients import Transport
from taskferry.transport.errors import translated
from taskferry.transport.inline import check_inline, encoded, inline_files
from taskferry.transport.lane import capped
from taskferry.transport.quota import Quota, tells

_CHUNK = 256 * 1024
_TELLING = 12
"""Letters from which on a key in a reply can be nothing else; a shorter one may be a part of any word."""
CALLS_AT_ONCE = 24
"""Requests of one account under way at a time: a stock httpx pool slows down sharply when many wait in it."""
_UNSURE = re.compile(r"/\.|%2e|[^!-~]|\\", re.IGNORECASE)
"""What one reader of addresses takes for a step in the tree, and another does not."""


class Wire:
    """One account at one provider: sends what its adapter yields."""

    def __init__(self, transport: Transport, service: Service, base_url: str, key: Secret | None) -> None:
        self.service = service
        self.base_url = base_url.rstrip("/")
        self.quota = Quota()
        """What replies to reads tell of the account's rate limit."""
        self.answered = 0
        """Requests that were answered, of every kind; a job or a look may take several."""
        self._transport = transport
        self._key = key
        secret = b"" if key is None else key.reveal().encode()
        self._secret = secret if len(secret) >= _TELLING else None
        self._look_headers = fixed_headers(service, self.base_url, key)
        self._at_once = asyncio.Semaphore(CALLS_AT_ONCE)

    def __repr__(self) -> str:
        return f"<Wire to {self.base_url}>"

    @property
    def at_once(self) -> int:
        """Tell how many looks may be under way at a time."""
        return self._transport.lane.at_once

    def prepare(self, call: Call) -> Call:
        """Check a call before anything is promised about it; raise CallForbidden, AdapterError or UsageError."""
        self._signed(call)
        check_inline(call)
        return call

    async def send(self, call: Call) -> Reply:
        """Send a call over stock httpx and bring back its whole reply; raise WireError."""
        url, params, headers = self._signed(call)
        what = f"{call.method} {httpx.URL(url).host}{httpx.URL(url).path}"
        foreign = is_foreign(url, self.base_url)
        inline = bool(inline_files(call.json))
        client = self._transport.guarded_for(url) if foreign else self._transport.client_for(call.purpose)
        async with self._at_once:
            with translated(what), ExitStack() as files:
                body = await _with_files(call, headers) if inline else _body(call, files, headers)
                request = client.build_request(call.method, url, params=params or None, headers=headers, **body)
                response = await client.send(request, stream=True)
                try:
                    content = await capped(response, what) if call.want_body or response.status_code >= 300 else b""
                finally:
                    await response.aclose()
        return self._reply(response.status_code, content, response.headers, url, read=call.purpose is Purpose.READ)

    async def look(self, call: Call) -> Reply:
        """Send a read over the lane that many tasks share, if it is a plain one; raise WireError."""
        path = call.path
        if not call.want_body or not (call.method == "GET" or _is_posted_read(call)):
            return await self.send(call)
        if self._look_headers is not None and call.signed and not (call.params or call.headers) and _is_plain(path):
            url, headers = self.base_url + path, self._look_headers
        else:
            signed, params, headers = self._signed(call)
            url = str(httpx.URL(signed).copy_merge_params(params)) if params else signed
            if _UNSURE.search(url) or not is_own_url(url, self.service, self.base_url):
                return await self.send(call)
        if call.method == "POST":
            body, headers = json.dumps(call.json).encode(), {**headers, "Content-Type": "application/json"}
            status, content, given = await self._transport.lane.look(url, headers, body)
        else:
            status, content, given = await self._transport.lane.look(url, headers)
        return self._reply(status, content, given, url, read=True)

    def keyed(self, url: str) -> tuple[str, dict[str, str]]:
        """Give URL and headers that fetch a result served only with the key; raise CallForbidden for a foreign host."""
        signed, params, headers = self._signed(Call.get(url))
        return (str(httpx.URL(signed).copy_merge_params(params)) if params else signed), headers

    def _signed(self, call: Call) -> tuple[str, dict[str, Any], dict[str, str]]:
        return sign(call, self.service, self.base_url, self._key, self._transport.now)

    def _reply(self, status: int, content: bytes, headers: Mapping[str, str], url: str, *, read: bool) -> Reply:
        self.answered += 1
        try:
            after = headers.get("retry-after")
            seconds = None if after is None else _seconds(after, self._transport.now())
            if read and (after is not None or tells(headers)):  # a create's limits say nothing about looks
                transport = self._transport
                self.quota.heard(status, headers, transport.monotonic(), wall=transport.now(), retry_after=seconds)
        except ValueError:  # a hint that is not ASCII, which pyreqwest refuses to show
            seconds = None
        if self._secret is not None and self._secret in content:  # as in "wrong key: ...", which people log and keep
            content = content.replace(self._secret, b"[key]")
        place = url.partition("?")[0]
        return Reply(status, content, headers, url=place, trace_headers=self.service.trace_headers, retry_after=seconds)


def _is_posted_read(call: Call) -> bool:
    """Tell whether a call reads by a POST of nothing but JSON."""
    alone = call.json is not None and not (call.files or call.body_file)
    return call.method == "POST" and call.purpose is Purpose.READ and alone and not inline_files(call.json)


def _is_plain(path: str) -> bool:
    """Tell whether a path is surely below the base URL, whoever reads it; others are looked at more closely."""
    return (
        path[:1] == "/" and path.isascii() and path.isprintable() and not ("%" in path or "/." in path or "\\" in path)
    )


def _seconds(value: str, now: float) -> float | None:
    """Read Retry-After, a number of seconds or a date; None for what is neither."""
    try:
        seconds = float(value)
    except ValueError:
        return _until(value, now)
    return seconds if 0 <= seconds < float("inf") else None


def _until(date: str, now: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


async def _with_files(call: Call, headers: dict[str, str]) -> dict[str, Any]:
    headers["Content-Type"] = "application/json"
    return {"content": await encoded(call)}


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
