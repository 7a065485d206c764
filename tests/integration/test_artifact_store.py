"""Keeping artifacts: at the wire, on a real disk, through everything that can go wrong."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from attrs import evolve

import artifact_bench
import media_samples as media
from artifact_bench import FOX, GLB, URL, Bench
from taskferry.artifacts import folder_for, partfiles
from taskferry.artifacts.part import Part
from taskferry.errors import ArtifactError, ArtifactGone
from taskferry.ledger.locks import lock
from taskferry.ledger.record import Job, Record
from taskferry.status import Status
from taskferry.task import Artifact, Kind, Snapshot


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A store and the web."""
    with artifact_bench.bench(tmp_path) as made:
        yield made


async def test_a_result_is_kept_whole_with_its_size_and_hash(bench: Bench) -> None:
    """The suffix and the media type follow the content; nothing else is left in the folder."""
    bench.web.get(URL).respond(content=GLB, content_type="application/octet-stream")

    kept = await bench.keep()

    assert kept == evolve(
        FOX,
        path=bench.folder / "model.glb",
        size=len(GLB),
        sha256=hashlib.sha256(GLB).hexdigest(),
        media_type="model/gltf-binary",
    )
    assert (bench.folder / "model.glb").read_bytes() == GLB
    assert bench.names == ["model.glb"]


async def test_a_hostile_name_stays_in_the_folder(bench: Bench) -> None:
    """Whatever a provider calls its artifact."""
    bench.web.get(URL).respond(content=GLB)

    kept = await bench.keep(evolve(FOX, name="../../.ssh/\u202eauthorized_keys"))

    assert kept.path == bench.folder / "ssh-authorized_keys.glb"


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_url_that_is_no_longer_served_is_gone(bench: Bench, status: int) -> None:
    """The caller looks at the task again; the signed part of the URL is in no message."""
    bench.web.get(URL).respond(status, content=media.XML_ERROR)

    with pytest.raises(ArtifactGone, match=f"model is no longer served: cdn.example answers {status}") as caught:
        await bench.keep()

    assert "signed" not in str(caught.value)
    assert bench.names == []


async def test_an_expired_url_is_gone_without_a_request(bench: Bench) -> None:
    """Where the provider says until when it serves."""
    route = bench.web.get(URL).respond(content=GLB)
    expired = evolve(FOX, expires_at=bench.clock.now())

    with pytest.raises(ArtifactGone, match="expired"):
        await bench.keep(expired)

    assert not route.called


@pytest.mark.parametrize("status", [204, 206, 304, 401, 429, 500, 503])
async def test_any_other_answer_is_an_error_to_try_again(bench: Bench, status: int) -> None:
    """The job itself is fine."""
    bench.web.get(URL).respond(status, content=GLB)

    with pytest.raises(ArtifactError, match=f"answers {status}") as caught:
        await bench.keep()

    assert not isinstance(caught.value, ArtifactGone)
    assert bench.names == []


class Breaking(httpx.AsyncByteStream):
    """A body whose connection drops in the middle."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield GLB[:20]
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(200, stream=Breaking()), "model could not be fetched: GET cdn.example: the reply was lost"),
        (httpx.Response(200, content=GLB[:20], headers={"Content-Length": "76"}), "20 of 76 bytes"),
        (httpx.Response(200, content=GLB, headers={"Content-Length": "20"}), "of 20 bytes"),
        (httpx.Response(200, content=b""), "model is empty"),
        (httpx.Response(200, content=GLB[:-4]), "not whole"),
        (httpx.Response(200, content=media.HTML_PAGE), r"an HTML page \(502 Bad Gateway nginx\), not a model"),
        (httpx.Response(200, content=media.XML_ERROR), r"an XML document \(AccessDenied Expired\), not a model"),
        (httpx.Response(200, content=media.png()), "a PNG image, not a model"),
        (httpx.Response(200, content=GLB, headers={"Content-Length": str(2**40)}), r"larger than the 4\.0 GB"),
        (httpx.ConnectError("refused"), "model could not be fetched: GET cdn.example: could not connect"),
        (httpx.ReadTimeout("slow"), "model could not be fetched"),
    ],
)
async def test_what_is_not_the_result_leaves_nothing_behind(
    bench: Bench, answer: httpx.Response | httpx.HTTPError, said: str
) -> None:
    """Broken off, too short, empty, an error page, another format, too large, no connection."""
    bench.web.get(URL).mock(side_effect=[answer])

    with pytest.raises(ArtifactError, match=said):
        await bench.keep()

    assert bench.names == []


async def test_a_body_without_end_is_stopped(bench: Bench) -> None:
    """A server that tells no length cannot fill the disk."""
    bench.limit(most={Kind.MODEL: 3 * 1024 * 1024})
    sent = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            sent.append(1)
            yield bytes(1024 * 1024)

    bench.web.get(URL).mock(return_value=httpx.Response(200, content=endless()))

    with pytest.raises(ArtifactError, match=r"larger than the 3\.0 MB that one model may have"):
        await bench.keep()

    assert len(sent) <= 5
    assert bench.names == []


async def test_nothing_that_is_there_is_overwritten(bench: Bench) -> None:
    """A taken name gets a number; symbolic links are not followed."""
    bench.put("model.glb", b"the user's own")
    (bench.folder / "model-2.glb").symlink_to(bench.folder / "nowhere")
    bench.web.get(URL).respond(content=GLB)

    kept = await bench.keep()

    assert kept.path == bench.folder / "model-3.glb"
    assert (bench.folder / "model.glb").read_bytes() == b"the user's own"
    assert bench.names == ["model-2.glb", "model-3.glb", "model.glb"]


async def test_a_result_that_is_already_there_is_used_again(bench: Bench) -> None:
    """As after a crash between the file and the ledger."""
    bench.web.get(URL).respond(content=GLB)
    first = await bench.keep()

    second = await bench.keep()

    assert second == first
    assert bench.names == ["model.glb"]


async def test_many_that_save_at_once_into_one_folder_do_not_clash(bench: Bench) -> None:
    """Each content gets a name of its own, the same content one name."""
    contents = [media.riff(b"WAVE", bytes([number]) * 50) for number in range(8)] * 2
    urls = [f"https://cdn.example/{number}" for number in range(len(contents))]
    for url, content in zip(urls, contents, strict=True):
        bench.web.get(url).respond(content=content)

    async with bench.clock:  # one that finds another at the same part asks again later
        kept = await asyncio.gather(*(bench.keep(Artifact(name="track", kind=Kind.AUDIO, url=url)) for url in urls))

    assert [artifact.path.read_bytes() for artifact in kept if artifact.path] == contents
    assert len(bench.names) == 8


async def test_a_file_system_without_links_does_as_well(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """As FAT on a memory card: still nothing is overwritten."""

    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_links)
    bench.put("model.glb", b"the user's own")
    bench.web.get(URL).respond(content=GLB)

    kept = await bench.keep()

    assert kept.path == bench.folder / "model-2.glb"
    assert kept.path.read_bytes() == GLB
    assert bench.names == ["model-2.glb", "model.glb"]


async def test_a_file_system_without_locks_does_as_well(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is taken for a leftover there, since nobody can tell."""

    def no_locks(_: int) -> bool:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(partfiles, "lock", no_locks)
    bench.put("model.0123456789abcdef.part", b"left over")
    bench.web.get(URL).respond(content=GLB)

    kept = await bench.keep()

    assert kept.path == bench.folder / "model.glb"
    assert bench.names == ["model.0123456789abcdef.part", "model.glb"]


async def test_a_part_that_is_swept_before_it_is_locked_is_made_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may just then be looking for leftovers."""
    made = []

    def swept(descriptor: int) -> bool:
        made.extend(bench.folder.glob("*.part"))
        if len(made) == 1:
            made[0].unlink()
        return lock(descriptor)

    monkeypatch.setattr(partfiles, "lock", swept)
    bench.web.get(URL).respond(content=GLB)

    kept = await bench.keep()

    assert len(made) == 2
    assert kept.path == bench.folder / "model.glb"


async def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(bench: Bench, tmp_path: Path) -> None:
    """With the system's own reason."""
    bench.web.get(URL).respond(content=GLB)
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(ArtifactError, match=r"model could not be written to .*taken/fox: Not a directory"):
        await bench.store.keep(FOX, tmp_path / "taken" / "fox", wire=bench.wire)

    assert (tmp_path / "taken").read_text() == "a file"


async def test_a_full_disk_leaves_nothing_behind(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The space that the part took is given back."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    bench.web.get(URL).respond(content=GLB)
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(ArtifactError, match="No space left on device"):
        await bench.keep()

    assert bench.names == []


async def test_a_download_that_is_cancelled_leaves_nothing_behind(bench: Bench) -> None:
    """As when the program stops."""
    begun = asyncio.Event()

    async def hanging() -> AsyncIterator[bytes]:
        yield bytes(300_000)
        begun.set()
        await asyncio.Event().wait()

    bench.web.get(URL).mock(return_value=httpx.Response(200, content=hanging()))
    keeping = asyncio.create_task(bench.keep())
    await begun.wait()
    during = bench.names

    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping

    assert during[0].endswith(".part")
    assert bench.names == []


async def test_parts_of_a_process_that_died_are_removed(bench: Bench) -> None:
    """The locks of live ones protect theirs, and files with other names are nobody's business."""
    bench.put("model.0123456789abcdef.part", b"left over")
    bench.put("model.notes.part", b"the user's own")
    bench.web.get(URL).respond(content=GLB)

    with Part(bench.folder, "model") as live:
        await bench.keep()
        left = bench.names

    assert left == sorted([live.path.name, "model.glb", "model.notes.part"])


def test_a_task_has_a_place_of_its_own(bench: Bench, tmp_path: Path) -> None:
    """In the store, or below the folder that was asked for."""
    job = Job(
        provider="acme", operation="acme/model", generation="v1", base_url="", account="", parameters={"prompt": "fox"}
    )
    snapshot = Snapshot(id="01jd3abcdefgh", provider="acme", operation="acme/model", status=Status.SUCCEEDED)
    plain = Record(job=job, snapshot=snapshot)
    asked = evolve(plain, job=evolve(job, folder=tmp_path / "out"))

    assert bench.store.place(plain) == bench.home / "01jd3abcdefgh"
    assert bench.store.place(asked) == folder_for(tmp_path / "out", plain) == tmp_path / "out" / "fox-01jd3abcdefg"
