"""Two that want one artifact, and a process that dies at the worst moment: it is fetched once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

import artifact_bench
from artifact_bench import Bench
from range_server import SOUND, TRACK, Server, leave, serve
from taskferry.artifacts import store
from taskferry.artifacts.partfiles import Contender
from taskferry.errors import ArtifactError


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A store, the web, and a clock that jumps over pauses."""
    with artifact_bench.bench(tmp_path) as made:
        async with made.clock:
            yield made


class Noted(Contender):
    """A contender that can be counted."""

    everyone: ClassVar[list[Contender]] = []

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.everyone.append(self)


async def test_two_that_want_one_artifact_fetch_it_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits and finds it."""
    monkeypatch.setattr(store, "Contender", Noted)
    monkeypatch.setattr(Noted, "everyone", [])
    server = Server()

    class BothThere(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while len(Noted.everyone) < 2:
                await bench.clock.wait(asyncio.Event(), 1)
            yield SOUND

    def answer(request: httpx.Request) -> httpx.Response:
        server.asked.append(request)
        return httpx.Response(200, stream=BothThere())

    serve(bench, answer)

    first, second = await asyncio.gather(bench.keep(TRACK), bench.keep(TRACK))

    assert first == second
    assert len(server.asked) == 1
    assert bench.names == ["track.wav"]


async def test_who_waits_goes_on_where_the_other_stopped(bench: Bench) -> None:
    """As another process that died in the middle."""
    bench.folder.mkdir(parents=True)
    path = leave(bench, SOUND[:600_000])
    other = Contender(bench.folder, "track", path.name.split(".")[1])
    held = other.try_lock()
    server = Server()
    serve(bench, server)

    keeping = asyncio.create_task(bench.keep(TRACK))
    await bench.clock.wait(asyncio.Event(), 5)
    asked_while_held = len(server.asked)
    assert held is not None
    held.close()
    await keeping

    assert asked_while_held == 0
    assert server.ranges == ["bytes=600000-"]


async def test_who_waits_does_not_wait_for_ever(bench: Bench) -> None:
    """The other may be stopped rather than dead."""
    bench.limit(seconds=60)
    path = leave(bench, SOUND[:600_000])
    held = Contender(bench.folder, "track", path.name.split(".")[1]).try_lock()

    with pytest.raises(ArtifactError, match="is being fetched by another process"):
        await bench.keep(TRACK)

    assert held is not None
    held.close()


async def test_a_crash_right_after_the_file_got_its_name_costs_nothing(bench: Bench) -> None:
    """The part is still there, and is the finished file: it is not written to and not fetched again."""
    part = leave(bench, SOUND)
    (bench.folder / "track.wav").hardlink_to(part)
    server = Server()
    serve(bench, server)

    kept = await bench.keep(TRACK)

    assert server.asked == []
    assert kept.path == bench.folder / "track.wav"
    assert kept.sha256 == hashlib.sha256(SOUND).hexdigest()
    assert bench.names == ["track.wav"]
