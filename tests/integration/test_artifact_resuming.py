"""Broken downloads: the rest is asked for, of the very same file, in this process or the next."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from attrs import evolve

import artifact_bench
import media_samples as media
from artifact_bench import FOX, URL, Bench
from range_server import ETAG, SOUND, TRACK, Server, leave, serve
from taskferry.artifacts import receiving
from taskferry.errors import ArtifactError, ArtifactGone


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A store, the web, and a clock that jumps over pauses."""
    with artifact_bench.bench(tmp_path) as made:
        async with made.clock:
            yield made


async def test_the_rest_is_asked_for_after_a_broken_connection(bench: Bench) -> None:
    """Only of the same version; the file and its hash are as if it had come at once."""
    server = Server(500_000, 300_000)
    serve(bench, server)

    kept = await bench.keep(TRACK)

    assert server.ranges == [None, "bytes=500000-", "bytes=800000-"]
    assert server.asked[1].headers["if-range"] == ETAG
    assert kept.sha256 == hashlib.sha256(SOUND).hexdigest()
    assert kept.path is not None
    assert kept.path.read_bytes() == SOUND
    assert bench.names == ["track.wav"]


async def test_a_date_that_is_old_enough_does_as_a_version(bench: Bench) -> None:
    """Where a server gives no ETag."""
    modified = "Tue, 01 Sep 2026 10:00:00 GMT"
    server = Server(500_000, last_modified=modified, date="Tue, 01 Sep 2026 11:00:00 GMT")
    del server.headers["etag"]
    serve(bench, server)

    await bench.keep(TRACK)

    assert server.ranges == [None, "bytes=500000-"]
    assert server.asked[1].headers["if-range"] == modified


@pytest.mark.parametrize(
    "headers",
    [
        {"etag": 'W/"weak"'},
        {"etag": "unquoted"},
        {"etag": ETAG, "accept_ranges": "none"},
        {"etag": "", "last_modified": "Tue, 01 Sep 2026 10:59:30 GMT", "date": "Tue, 01 Sep 2026 11:00:00 GMT"},
        {"etag": "", "last_modified": "yesterday", "date": "today"},
        {"etag": ETAG, "content_encoding": "gzip"},
    ],
)
async def test_without_a_sure_version_nothing_is_pieced_together(bench: Bench, headers: dict[str, str]) -> None:
    """The caller tries again from the first byte; nothing is left behind."""
    server = Server(500_000, **headers)
    server.headers = {name: value for name, value in server.headers.items() if value}
    serve(bench, server)

    with pytest.raises(ArtifactError, match="could not be fetched"):
        await bench.keep(TRACK)

    assert len(server.asked) == 1
    assert bench.names == []


async def test_a_file_that_changed_is_fetched_from_its_first_byte(bench: Bench) -> None:
    """Its server answers a condition that no longer holds with the whole."""
    server, changed = Server(500_000), media.riff(b"WAVE", bytes(3_000_000))
    serve(bench, server)

    def answer(request: httpx.Request) -> httpx.Response:
        if server.asked:
            server.content, server.headers["etag"] = changed, '"fox-2"'
        return server(request)

    serve(bench, answer)

    kept = await bench.keep(TRACK)

    assert kept.sha256 == hashlib.sha256(changed).hexdigest()


@pytest.mark.parametrize(
    "headers",
    [
        {"content-range": "bytes 400000-2097160/2097161", "etag": ETAG},
        {"content-range": f"bytes 500000-{len(SOUND) - 1}/{len(SOUND)}", "etag": '"fox-2"'},
    ],
)
async def test_a_part_that_does_not_fit_is_not_taken(bench: Bench, headers: dict[str, str]) -> None:
    """Another beginning or another version: all of it is fetched anew."""
    server = Server(500_000)

    def answer(request: httpx.Request) -> httpx.Response:
        if len(server.asked) == 1:
            server.asked.append(request)
            return httpx.Response(206, headers=headers, content=SOUND[500_000:])
        return server(request)

    serve(bench, answer)

    kept = await bench.keep(TRACK)

    assert server.ranges == [None, "bytes=500000-", None]
    assert kept.sha256 == hashlib.sha256(SOUND).hexdigest()


async def test_a_server_that_knows_no_such_part_is_asked_for_the_whole(bench: Bench) -> None:
    """As after the file became shorter."""
    server = Server(500_000)

    def answer(request: httpx.Request) -> httpx.Response:
        reply = server(request)
        return httpx.Response(416) if len(server.asked) == 2 else reply

    serve(bench, answer)

    kept = await bench.keep(TRACK)

    assert server.ranges == [None, "bytes=500000-", None]
    assert kept.size == len(SOUND)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_a_server_in_trouble_is_asked_again(bench: Bench, status: int) -> None:
    """Once the beginning is there, it is worth waiting for the rest, as long as the server asks to."""
    server, began = Server(500_000), bench.clock.monotonic()

    def answer(request: httpx.Request) -> httpx.Response:
        reply = server(request)
        return httpx.Response(status, headers={"retry-after": "7"}) if len(server.asked) == 2 else reply

    serve(bench, answer)

    kept = await bench.keep(TRACK)

    assert kept.size == len(SOUND)
    assert bench.clock.monotonic() - began >= 7


async def test_a_connection_that_brings_nothing_any_more_is_given_up(bench: Bench) -> None:
    """After six tries in a row; what came waits for the next call."""
    server = Server(500_000, *[0] * 50)
    serve(bench, server)

    with pytest.raises(ArtifactError, match="could not be fetched"):
        await bench.keep(TRACK)

    assert len(server.asked) == 6
    assert [name.partition(".")[2][16:] for name in bench.names] == [".part", ".part.json"]


async def test_a_later_process_goes_on_where_one_stopped(bench: Bench) -> None:
    """With a fresh signature on the address."""
    serve(bench, Server(500_000, *[0] * 50))
    with pytest.raises(ArtifactError):
        await bench.keep(TRACK)
    server, fresh = Server(), "https://cdn.example/files/fox.glb?sig=fresh"
    bench.web.get(fresh).mock(side_effect=server)

    kept = await bench.keep(evolve(TRACK, url=fresh))

    assert server.ranges == ["bytes=500000-"]
    assert kept.sha256 == hashlib.sha256(SOUND).hexdigest()
    assert bench.names == ["track.wav"]


async def test_an_address_that_expires_in_the_middle_leaves_the_part_for_the_fresh_one(bench: Bench) -> None:
    """The task is looked at again in between."""
    server = Server(500_000)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403) if server.asked else server(request)

    serve(bench, answer)
    with pytest.raises(ArtifactGone):
        await bench.keep(TRACK)
    serve(bench, server)

    await bench.keep(TRACK)

    assert server.ranges == [None, "bytes=500000-"]


async def test_a_cancelled_download_can_be_gone_on_with(bench: Bench) -> None:
    """As when the program stops."""
    begun = asyncio.Event()

    class Hanging(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield SOUND[:700_000]
            begun.set()
            await asyncio.Event().wait()

    serve(bench, lambda _: httpx.Response(200, headers={"etag": ETAG}, stream=Hanging()))
    keeping = asyncio.create_task(bench.keep(TRACK))
    await begun.wait()
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    server = Server()
    serve(bench, server)

    await bench.keep(TRACK)

    # What had come in whole pieces was written; the rest of the last piece comes again.
    (asked,) = server.ranges
    assert asked is not None
    assert 0 < int(asked.removeprefix("bytes=").removesuffix("-")) <= 700_000


async def test_what_came_is_made_safe_every_now_and_then(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a process that is killed has not worked in vain."""
    monkeypatch.setattr(receiving, "_CHECKPOINT", 500_000)
    notes = []

    class Steady(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for start in range(0, len(SOUND), 200_000):
                yield SOUND[start : start + 200_000]
                notes.extend(json.loads(path.read_text())["size"] for path in bench.folder.glob("*.part.json"))

    serve(bench, lambda _: httpx.Response(200, headers={"etag": ETAG}, stream=Steady()))

    kept = await bench.keep(TRACK)

    assert sorted(set(notes)) == [600_000, 1_200_000, 1_800_000]
    assert kept.size == len(SOUND)
    assert bench.names == ["track.wav"]


async def test_of_a_part_that_is_complete_the_last_byte_is_asked_for(bench: Bench) -> None:
    """A process may have died between the last byte and the checks; a range must not be empty."""
    leave(bench, SOUND, size=len(SOUND), total=len(SOUND))
    server = Server()
    serve(bench, server)

    kept = await bench.keep(TRACK)

    assert server.ranges == [f"bytes={len(SOUND) - 1}-"]
    assert kept.sha256 == hashlib.sha256(SOUND).hexdigest()


async def test_what_was_not_yet_safe_on_the_disk_comes_again(bench: Bench) -> None:
    """After a power cut the end of a part may be anything."""
    leave(bench, SOUND[:600_000] + bytes(200_000), size=600_000)
    server = Server()
    serve(bench, server)

    kept = await bench.keep(TRACK)

    assert server.ranges == ["bytes=600000-"]
    assert kept.sha256 == hashlib.sha256(SOUND).hexdigest()


@pytest.mark.parametrize(
    "note",
    [
        {"size": 900_000},
        {"size": 0},
        {"size": -1},
        {"size": "600000"},
        {"size": None},
        {"total": 10},
        {"total": "many"},
        {"validator": 'W/"weak"'},
        {"validator": '"a"\r\nAuthorization: x'},
        {"validator": None},
        {"sums": []},
        {"sums": {"md5": 7}},
        {"sums": None},
        {"surprise": 1},
    ],
)
async def test_a_note_that_cannot_be_relied_on_is_no_reason_to_ask_for_a_rest(
    bench: Bench, note: dict[str, object]
) -> None:
    """All of the file is fetched."""
    leave(bench, SOUND[:600_000], **note)
    server = Server()
    serve(bench, server)

    kept = await bench.keep(TRACK)

    assert server.ranges == [None]
    assert kept.sha256 == hashlib.sha256(SOUND).hexdigest()
    assert bench.names == ["track.wav"]


async def test_a_download_that_takes_too_long_is_stopped(bench: Bench) -> None:
    """A byte now and then keeps no connection open for ever."""
    bench.limit(seconds=600)

    class Trickling(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                bench.clock.advance(30)
                yield bytes(256 * 1024)

    serve(bench, lambda _: httpx.Response(200, headers={"etag": ETAG}, stream=Trickling()))

    with pytest.raises(ArtifactError, match=r"track did not come within 10 minutes: .* TASKFERRY_DOWNLOAD_TIMEOUT"):
        await bench.keep(TRACK)


async def test_a_part_that_nobody_asked_for_is_refused(bench: Bench) -> None:
    """Half a file must not pass for a whole one."""
    bench.web.get(URL).respond(206, content=SOUND[:1000], headers={"content-range": "bytes 0-999/1000"})

    with pytest.raises(ArtifactError, match="answers 206"):
        await bench.keep(FOX)
