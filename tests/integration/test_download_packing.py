"""Replies that come packed although that was not asked for: unpacked within bounds, or not at all."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import artifact_bench
import media_samples as media
from artifact_bench import URL, Bench
from taskferry.artifacts.limits import MIB
from taskferry.errors import ArtifactError
from taskferry.task import Artifact, Kind

MODEL = Artifact(name="model", kind=Kind.MODEL, url=URL)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A store and the web."""
    with artifact_bench.bench(tmp_path) as made:
        yield made


def serve(bench: Bench, content: bytes, headers: dict[str, str]) -> None:
    """Answer with these very bytes, unpacked by nobody on the way."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(content))

    bench.web.get(URL).mock(side_effect=answer)


async def test_files_are_asked_for_unpacked(bench: Bench) -> None:
    """They are packed in themselves already."""
    route = bench.web.get(URL).respond(content=media.glb())

    await bench.keep(MODEL)

    assert route.calls.last.request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("encoding", ["gzip", "GZip", "deflate", "identity"])
async def test_a_reply_that_is_packed_all_the_same_is_unpacked(bench: Bench, encoding: str) -> None:
    """Its length is that of the packed bytes and says nothing of the file."""
    content = media.OBJ * 1000
    packed = {"gzip": gzip.compress(content), "deflate": zlib.compress(content)}.get(encoding.lower(), content)
    serve(bench, packed, {"content-encoding": encoding})

    kept = await bench.keep(MODEL)

    assert kept.path is not None
    assert kept.path.read_bytes() == content


async def test_a_reply_that_unpacks_to_a_flood_is_stopped(bench: Bench) -> None:
    """A thousand bytes for each one are no model."""
    packed = gzip.compress(bytes(64 * MIB))
    serve(bench, packed, {"content-encoding": "gzip"})

    with pytest.raises(ArtifactError, match="unpacks to more than 200 times its size"):
        await bench.keep(MODEL)

    assert bench.names == []


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("br", b"packed"),
        ("zstd", b"packed"),
        ("x" * 100, b"packed"),
        ("gzip, gzip", gzip.compress(gzip.compress(media.glb()))),
        ("gzip,deflate", zlib.compress(gzip.compress(media.glb()))),
    ],
    ids=["br", "zstd", "long", "twice", "both"],
)
async def test_a_reply_packed_otherwise_or_twice_is_refused(bench: Bench, encoding: str, content: bytes) -> None:
    """A few bytes could become any number."""
    serve(bench, content, {"content-encoding": encoding})

    with pytest.raises(ArtifactError, match=r"the reply is packed as .* although it was asked not to be"):
        await bench.keep(MODEL)

    assert bench.names == []
