"""Where an artifact's bytes come from: its URL, followed by hand, with the key only where it belongs."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from attrs import frozen

from taskferry.errors import ArtifactError, ArtifactGone
from taskferry.signing import is_loopback
from taskferry.task import Artifact
from taskferry.transport import Transport, Wire

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_GONE = frozenset({403, 404, 410})
_LONGEST_URL = 60_000
"""Characters; no HTTP client takes much longer ones."""


@frozen(kw_only=True)
class Source:
    """A result that is being served."""

    urls: tuple[str, ...]
    """Where it is served after redirects, then where it was asked for; none for content that the URL holds itself."""
    declared: str | None
    """The media type that came with it."""
    length: int | None
    """Bytes that will come, where that is told."""
    chunks: AsyncIterator[bytes]


@asynccontextmanager
async def opened(artifact: Artifact, transport: Transport, wire: Wire) -> AsyncIterator[Source]:
    """Open an artifact's URL; raise ArtifactGone, ArtifactError, CallForbidden for a foreign host, or WireError."""
    url = artifact.url
    if not url:
        raise ArtifactError(f"{artifact.name} cannot be fetched: the provider gave no address for it.")
    if url[:5].lower() == "data:":
        yield _inline(artifact.name, url)
        return
    # A provider elsewhere has no business with this machine's own ports; only a stand-in serves its files from them.
    local = is_loopback(urlsplit(wire.base_url).hostname)
    _check_address(artifact.name, url, local=local)
    at, headers = wire.keyed(url) if artifact.needs_key else (url, {})
    for _ in range(_MOST_REDIRECTS + 1):
        async with transport.download(at, headers | {"Accept-Encoding": "identity"}) as download:
            if download.status not in _REDIRECTS:
                _check_status(artifact.name, at, download.status)
                declared = download.headers.get("content-type")
                yield Source(urls=(at, url), declared=declared, length=download.length, chunks=download.chunks())
                return
            at = _redirected(artifact.name, at, download.headers.get("location"))
        _check_address(artifact.name, at, local=local)
        headers = {}
    raise ArtifactError(f"{artifact.name} cannot be fetched: {_host(url)} redirects more than {_MOST_REDIRECTS} times.")


def _check_address(name: str, url: str, *, local: bool) -> None:
    """Let https pass, and plain http only to this machine, and that only if the artifact was to come from here."""
    try:
        target = urlsplit(url)
        _ = target.port
    except ValueError as error:
        raise ArtifactError(f"{name} cannot be fetched: its address is none ({error}).") from None
    if not target.hostname or len(url) > _LONGEST_URL or not url.isprintable():
        raise ArtifactError(f"{name} cannot be fetched: its address is none.")
    if target.scheme != "https" and not (target.scheme == "http" and local and is_loopback(target.hostname)):
        raise ArtifactError(
            f"{name} is not fetched from {target.scheme}://{target.hostname}: only https is taken, so that nobody on "
            "the way can change the file."
        )
    if target.username or target.password:
        raise ArtifactError(f"{name} is not fetched from {target.hostname}: its address carries a user name.")


def _check_status(name: str, url: str, status: int) -> None:
    if status in _GONE:
        raise ArtifactGone(f"{name} is no longer served: {_host(url)} answers {status}. Look at the task again.")
    if status != 200:
        raise ArtifactError(f"{name} could not be fetched: {_host(url)} answers {status}. Try again later.")


def _redirected(name: str, url: str, location: str | None) -> str:
    if not location:
        raise ArtifactError(f"{name} could not be fetched: {_host(url)} redirects to nowhere.")
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise ArtifactError(f"{name} cannot be fetched: {_host(url)} redirects to no address ({error}).") from None


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _inline(name: str, url: str) -> Source:
    """Read a `data:` URL."""
    declared, comma, payload = url[5:].partition(",")
    if not comma:
        raise ArtifactError(f"{name} cannot be read: its data: URL has no comma.")
    content = unquote_to_bytes(payload)
    if declared.lower().endswith(";base64"):
        packed = b"".join(content.split())
        try:
            content = base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
        except binascii.Error as error:
            raise ArtifactError(f"{name} cannot be read: its data: URL is not base64 ({error}).") from None
    return Source(urls=(), declared=declared or None, length=len(content), chunks=_once(content))


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
