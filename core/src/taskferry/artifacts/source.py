"""Where an artifact's bytes come from: its URL, followed by hand, with the key only where it belongs."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from fnmatch import fnmatchcase
from types import MappingProxyType
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from attrs import frozen

from taskferry.errors import ArtifactError, ArtifactGone
from taskferry.hosts import is_loopback
from taskferry.task import Artifact
from taskferry.text import clean
from taskferry.transport import Transport, Wire
from taskferry.transport.addresses import is_foreign, is_public, literal
from taskferry.transport.download import STALL, Download
from taskferry.transport.guarded import refused

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_GONE = frozenset({403, 404, 410})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_PART, _NO_SUCH_PART = 206, 416
_PLAIN = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?")
"""A host that any two readers of an address agree on."""
_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)", re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]{1,5}")
_WHOLE: Mapping[str, str] = MappingProxyType({})
_LONGEST_URL = 60_000
"""Characters; no HTTP client takes much longer ones."""


class Interrupted(ArtifactError):
    """The rest of the result may well come at another time."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds that its server asks to wait."""


class Changed(Interrupted):
    """What is served is no longer the file that the first part is of."""


@frozen(kw_only=True)
class Source:
    """A result that is being served."""

    urls: tuple[str, ...]
    """Where it is served after redirects, then where it was asked for; none for content that the URL holds itself."""
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]
    encoded: bool = False
    """Whether its bytes are packed on the way, so that nothing its headers say of them holds."""
    start: int = 0
    """Place of the first byte that will come in the whole."""
    total: int | None = None
    """Bytes of the whole, where that is told."""

    @property
    def declared(self) -> str | None:
        """Give the media type that came with it."""
        return self.headers.get("content-type")


@asynccontextmanager
async def opened(
    artifact: Artifact, transport: Transport, wire: Wire, rest: Mapping[str, str] = _WHOLE, *, stall: float = STALL
) -> AsyncIterator[Source]:
    """Open an artifact's URL; `rest` are the headers that ask for a part of it.

    Raises ArtifactGone, Interrupted, ArtifactError, CallForbidden for a host that must not be asked, or WireError.
    """
    url = artifact.url
    if not url:
        raise ArtifactError(f"{artifact.name} cannot be fetched: the provider gave no address for it.")
    if url[:5].lower() == "data:":
        yield _inline(artifact.name, url)
        return
    _check_address(artifact.name, url, wire)
    at, headers = wire.keyed(url) if artifact.needs_key else (url, {})
    for _ in range(_MOST_REDIRECTS + 1):
        headers = {**headers, **rest, "Accept-Encoding": "identity"}
        foreign = is_foreign(at, wire.base_url)
        async with transport.download(at, headers, foreign=foreign, stall=stall) as download:
            if download.status not in _REDIRECTS:
                yield _source(artifact.name, (at, url), download, asked=bool(rest))
                return
            at = _redirected(artifact.name, at, download.headers.get("location"))
        _check_address(artifact.name, at, wire)
        headers = {}
    raise ArtifactError(f"{artifact.name} cannot be fetched: {_host(url)} redirects more than {_MOST_REDIRECTS} times.")


def _source(name: str, urls: tuple[str, ...], download: Download, *, asked: bool) -> Source:
    _check_status(name, urls[0], download, asked=asked)
    start, total = 0, download.length
    if download.status == _PART:
        told = _RANGE.fullmatch(download.headers.get("content-range", "").strip())
        if told is None or download.encoded:
            raise ArtifactError(f"{name} could not be fetched: {_host(urls[0])} sends a part and does not say which.")
        start, total = int(told[1]), None if told[2] == "*" else int(told[2])
    return Source(
        urls=urls,
        headers=download.headers,
        chunks=download.chunks(),
        encoded=download.encoded,
        start=start,
        total=total,
    )


def _check_address(name: str, url: str, wire: Wire) -> None:
    """Let https pass to what may be public, and plain http only to this machine if the provider itself is there."""
    try:
        target = urlsplit(url)
        _ = target.port
    except ValueError as error:
        raise ArtifactError(f"{name} cannot be fetched: its address is none ({clean(error, 100)}).") from None
    host = target.hostname
    if not host or len(url) > _LONGEST_URL or not url.isprintable():
        raise ArtifactError(f"{name} cannot be fetched: its address is none.")
    # A provider elsewhere has no business with this machine's own ports; only a stand-in serves its files from them.
    local = is_loopback(urlsplit(wire.base_url).hostname) and is_loopback(host)
    if target.scheme != "https" and not (target.scheme == "http" and local):
        raise ArtifactError(
            f"{name} is not fetched from {target.scheme}://{host}: only https is taken, so that nobody on "
            "the way can change the file."
        )
    if target.username or target.password:
        raise ArtifactError(f"{name} is not fetched from {host}: its address carries a user name.")
    if not _PLAIN.fullmatch(target.netloc):
        raise ArtifactError(f"{name} cannot be fetched: {_host(url)!r} is no plain name of a host.")
    allowed = wire.service.result_hosts
    if allowed and is_foreign(url, wire.base_url) and not any(fnmatchcase(host, pattern) for pattern in allowed):
        raise ArtifactError(f"{name} is not fetched from {host}: its provider serves results on {', '.join(allowed)}.")
    written = literal(host)
    if written is not None and not is_public(written) and is_foreign(url, wire.base_url):
        raise ArtifactError(f"{name} is not fetched: {refused(host, str(written))}")


def _check_status(name: str, url: str, download: Download, *, asked: bool) -> None:
    status = download.status
    if status in _GONE:
        raise ArtifactGone(f"{name} is no longer served: {_host(url)} answers {status}. Look at the task again.")
    if status == _NO_SUCH_PART and asked:
        raise Changed(f"{name} could not be fetched: {_host(url)} has no such part of it. Try again later.")
    if status in _PASSING:
        after = download.headers.get("retry-after", "")
        pause = float(after) if _SECONDS.fullmatch(after) else None
        raise Interrupted(f"{name} could not be fetched: {_host(url)} answers {status}. Try again later.", pause)
    if status != 200 and not (status == _PART and asked):
        raise ArtifactError(f"{name} could not be fetched: {_host(url)} answers {status}. Try again later.")


def _redirected(name: str, url: str, location: str | None) -> str:
    if not location:
        raise ArtifactError(f"{name} could not be fetched: {_host(url)} redirects to nowhere.")
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise ArtifactError(
            f"{name} cannot be fetched: {_host(url)} redirects to no address ({clean(error, 100)})."
        ) from None


def _host(url: str) -> str:
    return clean(urlsplit(url).hostname or "", 100)


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
    headers = {"content-type": declared} if declared else {}
    return Source(urls=(), headers=headers, chunks=_once(content), total=len(content))


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
