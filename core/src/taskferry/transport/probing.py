"""Whether a host can be reached at all: one free request without a key, whatever it answers."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from enum import StrEnum

import httpx
from attrs import frozen

from taskferry.call import Purpose
from taskferry.transport.clients import Transport
from taskferry.transport.errors import HTTPX_ERRORS, wire_error
from taskferry.transport.roads import proxies

_TIMEOUT = 10.0


class Trouble(StrEnum):
    """Why a host cannot be reached."""

    NAME = "name"
    """Its name is not found."""
    TLS = "tls"
    """Its certificate is not trusted, or it speaks no TLS."""
    PROXY = "proxy"
    """A proxy is set, and it refused or is not there."""
    TIMEOUT = "timeout"
    CONNECT = "connect"
    """It refused, or is not there."""


@frozen(kw_only=True)
class Probe:
    """What one request to a host showed."""

    url: str
    seconds: float
    """Until the answer or the failure."""
    http_status: int | None = None
    """Any answer means that the host is there."""
    ahead: float | None = None
    """Seconds that our clock is ahead of the host's, as far as its Date header tells; None where it has none."""
    trouble: Trouble | None = None
    problem: str = ""


async def probe_all(urls: list[str]) -> list[Probe]:
    """Ask every host at once, each one request without a key; raises nothing of what a network can do."""
    transport = Transport()
    try:
        return list(await asyncio.gather(*(_probe(transport, url) for url in urls)))
    finally:
        await transport.aclose()


async def _probe(transport: Transport, url: str) -> Probe:
    began = time.monotonic()
    try:
        async with transport.client_for(Purpose.READ).stream("GET", url, timeout=_TIMEOUT) as reply:
            seconds = time.monotonic() - began
            ahead = _ahead(reply.headers.get("date"), time.time() - seconds / 2)
            return Probe(url=url, seconds=seconds, http_status=reply.status_code, ahead=ahead)
    except HTTPX_ERRORS as error:
        told = wire_error(error, f"GET {url}")
        return Probe(url=url, seconds=time.monotonic() - began, trouble=_trouble(error), problem=str(told))


def _ahead(date: str | None, now: float) -> float | None:
    """Compare a Date header, which has whole seconds, with our clock at about the moment that it was written."""
    try:
        return None if date is None else now - parsedate_to_datetime(date).timestamp() - 0.5
    except ValueError:
        return None  # a date that is none tells nothing about our clock


def _trouble(error: Exception) -> Trouble:
    if isinstance(error, httpx.ProxyError):
        return Trouble.PROXY
    if isinstance(error, httpx.TimeoutException):
        return Trouble.TIMEOUT
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Trouble.TLS
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Trouble.NAME
    return Trouble.PROXY if proxies() else Trouble.CONNECT


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
