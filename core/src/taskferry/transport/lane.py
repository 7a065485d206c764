"""The road of status reads: as narrow as it can be, since thousands of tasks share it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

import httpx

from taskferry.errors import MalformedReply, ReplyLost, WireError
from taskferry.text import clean

REPLY_LIMIT = 8 * 1024 * 1024
"""Bytes of one decoded reply; more is a malformed reply."""
LOOK_TIME = 30.0
"""Seconds after which a look is given up."""
CONNECT_TIME = 10.0
"""Seconds for connecting."""

Answer: TypeAlias = tuple[int, bytes, Mapping[str, str]]
"""HTTP status, decoded body, and headers that are found by names in small letters."""


class Lane(Protocol):
    """Reads, and nothing else: no redirect, no cookie, no log; whoever calls bounds how many at a time."""

    at_once: int
    """Looks that it carries well at a time."""

    async def look(self, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Read a URL, by a POST if there is a body; raise ReplyLost or MalformedReply.

        Never NotSent: no fast client's word for that is trusted.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


def lost(url: str, kind: str, detail: str) -> WireError:
    """Give the error for a look without a reply; the address is shown without its query, which may hold a key."""
    detail = clean(detail, 200)
    return ReplyLost(f"{target(url)}: the reply was lost ({f'{kind}: {detail}' if detail else kind}).")


def too_large(what: str) -> MalformedReply:
    """Give the error for a reply over the limit."""
    return MalformedReply(f"{what}: the reply is larger than {REPLY_LIMIT // 1024 // 1024} MiB.")


def target(url: str) -> str:
    """Name a read for an error message: method, host and path."""
    return clean(f"GET {url.partition('?')[0].partition('://')[2]}", 300)


async def capped(response: httpx.Response, what: str) -> bytes:
    """Read a body up to the limit, counted after it was unpacked; raise MalformedReply above it."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > REPLY_LIMIT:
            raise too_large(what)
    return bytes(body)
