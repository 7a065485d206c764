"""Whether a file fits: on the disk, into the store, and what happens when it does not."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import artifact_bench
from artifact_bench import FOX, GLB, URL, Bench
from range_server import TRACK, Server, serve
from taskferry.artifacts.limits import MIB
from taskferry.artifacts.part import Part
from taskferry.errors import ArtifactError


class Usage(NamedTuple):
    """What the system tells of a disk."""

    total: int
    used: int
    free: int


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A store and the web."""
    with artifact_bench.bench(tmp_path) as made:
        yield made


async def test_a_file_that_does_not_fit_on_the_disk_is_not_begun(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some space is left for the ledger, which has to say what became of the task."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100 * MIB, 82 * MIB, 17 * MIB))
    server = Server()
    serve(bench, server)

    with pytest.raises(
        ArtifactError, match=r"track needs 2\.0 MB, and there are 17\.0 MB left where .* free .*`taskferry gc`"
    ):
        await bench.keep(TRACK)

    assert bench.names == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
async def test_a_disk_that_fills_up_on_the_way_gets_its_space_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Also where the rest could be asked for later; the error says what to do."""

    def full(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    serve(bench, Server())
    monkeypatch.setattr(Part, "flush", full)

    with pytest.raises(ArtifactError, match=rf"{os.strerror(code)}\. Make room \(`taskferry gc` removes old files\)"):
        await bench.keep(TRACK)

    assert bench.names == []


async def test_the_store_can_have_a_bound(bench: Bench) -> None:
    """What is there counts; a file that fits still comes."""
    bench.limit(store=3 * MIB)
    bench.home.mkdir()
    (bench.home / "old.bin").write_bytes(bytes(MIB + MIB // 2))
    serve(bench, Server())

    with pytest.raises(ArtifactError, match=r"holds 1\.5 MB of the 3\.0 MB that TASKFERRY_MAX_STORE allows"):
        await bench.store.keep(TRACK, bench.home / "1", wire=bench.wire)
    (bench.home / "old.bin").unlink()
    kept = await bench.store.keep(TRACK, bench.home / "1", wire=bench.wire)

    assert kept.path is not None


async def test_a_folder_of_the_users_own_has_no_bound(bench: Bench) -> None:
    """Only the store's is ours to keep small."""
    bench.limit(store=1)
    bench.web.get(URL).respond(content=GLB)

    kept = await bench.keep(FOX)

    assert kept.size == len(GLB)
