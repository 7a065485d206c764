"""Checksums that a server tells: held against what came."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import artifact_bench
from artifact_bench import Bench
from range_server import SOUND, TRACK, Server, serve
from taskferry.errors import ArtifactError

MD5 = base64.b64encode(hashlib.md5(SOUND, usedforsecurity=False).digest()).decode()
SHA256 = base64.b64encode(hashlib.sha256(SOUND).digest()).decode()
WRONG = base64.b64encode(bytes(16)).decode()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A store, the web, and a clock that jumps over pauses."""
    with artifact_bench.bench(tmp_path) as made:
        async with made.clock:
            yield made


@pytest.mark.parametrize(
    "headers",
    [
        {"content_md5": MD5},
        {"x_goog_hash": f"crc32c=AAAAAA==,md5={MD5}"},
        {"digest": f"SHA-256={SHA256},unixsum=12"},
        {"repr_digest": f"sha-256=:{SHA256}:"},
        {"content_digest": f"sha-256=:{SHA256}:"},
        {"content_md5": "nonsense"},
        {"digest": "sha-256=AAAA"},
        {"x_goog_hash": f"md5={WRONG}", "x_goog_stored_content_encoding": "gzip"},
    ],
)
async def test_sums_that_fit_are_no_trouble(bench: Bench, headers: dict[str, str]) -> None:
    """Also after a broken connection; what is no sum, or one of other bytes, says nothing."""
    server = Server(500_000, **headers)
    serve(bench, server)

    kept = await bench.keep(TRACK)

    assert kept.size == len(SOUND)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"content_md5": WRONG},
        {"x_goog_hash": f"crc32c=AAAAAA==,md5={WRONG}"},
        {"digest": f"md5={WRONG}"},
        {"repr_digest": f"sha-256=:{SHA256[:-5]}AAAA=:"},
    ],
)
async def test_a_file_that_is_not_what_was_sent_is_refused(bench: Bench, headers: dict[str, str]) -> None:
    """Its server said what it would be; nothing is left behind."""
    serve(bench, Server(**headers))

    with pytest.raises(ArtifactError, match=r"track was damaged on the way: its (MD5|SHA-256) is"):
        await bench.keep(TRACK)

    assert bench.names == []
