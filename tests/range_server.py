"""A server of one sound in ranges, whose connections drop where a test says, and parts that were left behind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx

import media_samples as media
from artifact_bench import URL, Bench
from taskferry.task import Artifact, Kind

SOUND = media.riff(b"WAVE", bytes(range(256)) * 8192)
TRACK = Artifact(name="track", kind=Kind.AUDIO, url=URL)
ETAG = '"fox-1"'


class Breaking(httpx.AsyncByteStream):
    """A body whose connection drops after so many bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content
        raise httpx.ReadError("connection reset")


class Server:
    """Serves a file in ranges; each of `breaks` is how many bytes one reply brings before its connection drops."""

    def __init__(self, *breaks: int | None, content: bytes = SOUND, **headers: str) -> None:
        self.content = content
        self.headers = {"etag": ETAG, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.asked: list[httpx.Request] = []
        self._breaks: Iterator[int | None] = iter(breaks)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        wanted, condition = request.headers.get("range"), request.headers.get("if-range")
        fits = condition in (self.headers.get("etag"), self.headers.get("last-modified"))
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and fits else 0
        body, cut = self.content[start:], next(self._breaks, None)
        headers = {**self.headers, "content-length": str(len(body))}
        if start:
            headers["content-range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
        stream = httpx.ByteStream(body) if cut is None else Breaking(body[:cut])
        return httpx.Response(206 if start else 200, headers=headers, stream=stream)

    @property
    def ranges(self) -> list[str | None]:
        """What part each request asked for."""
        return [request.headers.get("range") for request in self.asked]


def serve(bench: Bench, server: Callable[[httpx.Request], httpx.Response]) -> None:
    """Answer at the artifact's address."""
    bench.web.get(URL).mock(side_effect=server)


def leave(bench: Bench, content: bytes, **note: object) -> Path:
    """Leave a part as a process does that is killed."""
    bench.folder.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(f"track\n{URL.partition('?')[0]}".encode()).hexdigest()[:16]
    path = bench.put(f"track.{key}.part", content)
    kept = {"validator": ETAG, "size": len(content), "total": len(SOUND), "sums": {}, **note}
    path.with_name(path.name + ".json").write_text(json.dumps(kept))
    return path
