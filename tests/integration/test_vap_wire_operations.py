"""Every operation of both VAP generations, end to end: a ferry, the stand-in, and files that open."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from PIL import Image

from integration.fault_carrier import drawn_once
from taskferry import FailureKind, Ferry, Finished, Operation, ProviderError, Snapshot, Status, TaskferryError
from taskferry.sandbox import Running, running
from taskferry_vap.adapter import VapAdapter
from taskferry_vap.operations import OPERATIONS, V1_OPERATIONS

SPEED = 200.0
EVERY = {"v3": OPERATIONS, "v1": V1_OPERATIONS}
CASES = [(generation, operation.name) for generation, offered in EVERY.items() for operation in offered]
NAMES: Mapping[str, Sequence[str]] = {
    "vap/music": ["music"],
    "vap/video": ["video"],
    "vap/video-trim": ["video"],
    "vap/video-merge": ["video"],
    "vap/streaming-campaign": ["video", "music", "thumbnail"],
    "vap/full-production": ["video", "music", "thumbnail", "seo"],
}
"""The artifacts of an operation; of those that are not here, one image."""
MEDIA = {"image": "image/", "video": "video/", "audio": "audio/", "document": "application/json"}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        yield servers["vap"]


@pytest.fixture(autouse=True)
def forgotten(server: Running) -> None:
    """Begin each test at a stand-in that knows nothing."""
    httpx.post(f"{server.base_url}/_sandbox/reset").raise_for_status()


def ferry(server: Running, home: Path, *, generation: str = "v3", **environ: str) -> Ferry:
    return Ferry(home=home, environ={**server.env, **environ}, speed=SPEED, generations={"vap": generation})


def asked(server: Running, kind: str) -> list[str]:
    """List the calls of a kind that the stand-in was asked, as `POST /v3/tasks`."""
    requests = httpx.get(f"{server.base_url}/_sandbox/requests").json()["requests"]
    return [f"{one['method']} {one['path']}" for one in requests if one["kind"] == kind]


def fault(server: Running, name: str, path: str) -> None:
    body = {"fault": name, "count": 1, "path": path}
    httpx.post(f"{server.base_url}/_sandbox/faults", json=body).raise_for_status()


@pytest.fixture(scope="module")
def ends() -> Iterator[dict[tuple[str, str], Snapshot]]:
    """Run every example job of both generations, all at once."""
    place = {"vap": drawn_once("taskferry_vap.sandbox:stand_in")}
    with tempfile.TemporaryDirectory() as home, running(place, speed=SPEED) as servers:
        yield asyncio.run(all_ends(servers["vap"], Path(home)))


async def all_ends(server: Running, home: Path) -> dict[tuple[str, str], Snapshot]:
    async def run(opened: Ferry, operation: Operation) -> Snapshot:
        task = await opened.submit(operation.name, operation.example)
        outcome = await task.wait(timeout=30)
        return outcome.snapshot

    found: dict[tuple[str, str], Snapshot] = {}
    for generation, offered in EVERY.items():
        async with ferry(server, home / generation, generation=generation) as opened:
            snapshots = await asyncio.gather(*(run(opened, operation) for operation in offered))
        found |= {(generation, one.name): end for one, end in zip(offered, snapshots, strict=True)}
    return found


@pytest.mark.parametrize(("generation", "name"), CASES)
def test_the_example_job_of_an_operation_ends_with_files_that_open(
    ends: dict[tuple[str, str], Snapshot], generation: str, name: str
) -> None:
    """Submitted, looked at, kept; each artifact is what it says it is."""
    end = ends[generation, name]

    assert (end.status, end.failure) == (Status.SUCCEEDED, None)
    assert [artifact.name for artifact in end.artifacts] == NAMES.get(name, ["image"])
    for artifact in end.artifacts:
        assert artifact.path is not None
        assert str(artifact.media_type).startswith(MEDIA[artifact.kind])
        assert OPENERS[artifact.kind](artifact.path)


def opens_image(path: Path) -> bool:
    with Image.open(path) as picture:
        picture.load()
        return min(picture.size) > 0


def opens_media(path: Path) -> bool:
    with av.open(str(path)) as container:
        return next(container.decode(container.streams[0]), None) is not None


def opens_json(path: Path) -> bool:
    return bool(json.loads(path.read_bytes()))


OPENERS: Mapping[str, Callable[[Path], bool]] = {
    "image": opens_image, "video": opens_media, "audio": opens_media, "document": opens_json,
}  # fmt: skip


async def test_one_operations_result_is_the_next_ones_source(server: Running, tmp_path: Path) -> None:
    """A picture that was made is enlarged: its address is all that VAP needs."""
    async with ferry(server, tmp_path) as opened:
        small = await finished(opened, "vap/image", {"prompt": "a fox"})
        large = await finished(opened, "vap/upscale", {"image": small.artifacts[0].url, "scale": 2})

    sizes = []
    for end in (small, large):
        assert end.artifacts[0].path is not None
        with Image.open(end.artifacts[0].path) as picture:
            sizes.append(picture.size)
    assert sizes[1] == (2 * sizes[0][0], 2 * sizes[0][1])


async def finished(opened: Ferry, name: str, parameters: Mapping[str, Any]) -> Snapshot:
    outcome = await (await opened.submit(name, parameters)).wait(timeout=30)
    assert isinstance(outcome, Finished)
    return outcome.snapshot


@pytest.mark.parametrize("name", ["vap/inpaint", "vap/streaming-campaign"])
async def test_a_lost_reply_is_reconciled_by_the_list(server: Running, tmp_path: Path, name: str) -> None:
    """The job exists and is paid for; it is found, not made again."""
    example = {operation.name: operation.example for operation in OPERATIONS}[name]
    async with ferry(server, tmp_path) as opened:
        task = await opened.submit(name, {**example, "prompt": "a fox [[lost-reply]]"})
        before = task.snapshot.status
        found = await opened.reconcile(task.id)
        outcome = await (await opened.resume(task.id)).wait(timeout=30)

    assert before is Status.UNCONFIRMED
    assert found.outcome == "adopted"
    assert (outcome.snapshot.status, len(asked(server, "create"))) == (Status.SUCCEEDED, 1)


async def test_a_lost_reply_of_v1_is_left_to_the_user(server: Running, tmp_path: Path) -> None:
    """It has no list, so nothing is concluded, and nothing is sent again."""
    async with ferry(server, tmp_path, generation="v1") as opened:
        task = await opened.submit("vap/image", prompt="a fox [[lost-reply]]")
        found = await opened.reconcile(task.id)

    assert (task.snapshot.status, found.outcome) == (Status.UNCONFIRMED, "ambiguous")
    assert len(asked(server, "create")) == 1


async def test_the_trial_runs_without_a_key_until_its_daily_limit(server: Running, tmp_path: Path) -> None:
    """Three pictures; the fourth is refused with what to do, and not tried again."""
    async with ferry(server, tmp_path, VAP_API_KEY="") as opened:
        tasks = [await opened.submit("vap/trial-image", prompt=f"fox {number}") for number in range(4)]
        waited = [await task.wait(timeout=30) for task in tasks]

    assert [outcome.snapshot.status for outcome in waited] == [Status.SUCCEEDED] * 3 + [Status.REFUSED]
    failure = waited[3].snapshot.failure
    assert failure is not None
    assert failure.kind is FailureKind.RATE_LIMITED
    assert "tomorrow" in str(failure.suggestion)
    assert asked(server, "create") == ["POST /v3/trial/generate"] * 4


@pytest.mark.parametrize(
    ("gone", "create"), [(False, "POST /v3/tasks"), (True, "POST /api/v1/generations")], ids=["V3 is up", "V3 is gone"]
)
async def test_auto_asks_once_and_for_free(server: Running, tmp_path: Path, gone: bool, create: str) -> None:
    """Two jobs, one question; the answer is kept in each row, so that a later process looks in the right place."""
    if gone:
        fault(server, "http:404", "^/v3/health")
    async with ferry(server, tmp_path, generation="auto") as opened:
        tasks = [await opened.submit("vap/image", prompt=f"fox {number}") for number in range(2)]
        ids = [task.id for task in tasks]
    async with ferry(server, tmp_path) as opened:
        ends = [await (await opened.resume(task_id)).wait(timeout=30) for task_id in ids]

    assert [end.snapshot.status for end in ends] == [Status.SUCCEEDED] * 2
    assert asked(server, "create") == [create] * 2
    assert asked(server, "other").count("GET /v3/health") == 1


async def test_auto_does_not_guess_when_the_service_is_down(server: Running, tmp_path: Path) -> None:
    """A bad minute of V3 moves no job to v1."""
    fault(server, "http:503", "^/v3/health")

    async with ferry(server, tmp_path, generation="auto") as opened:
        with pytest.raises(ProviderError, match="503"):
            await opened.submit("vap/image", prompt="a fox")

    assert asked(server, "create") == []


@asynccontextmanager
async def receiver() -> AsyncIterator[tuple[str, asyncio.Queue[tuple[dict[str, str], bytes]]]]:
    """Listen for webhooks; give the address and what came."""
    came: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        length = next(int(value) for name, value in headers.items() if name.lower() == "content-length")
        await came.put((headers, await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(hear, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/hook", came


@pytest.mark.parametrize(("token", "trusted"), [("", True), ("[[bad-signature]]", False)])
async def test_a_webhook_is_trusted_by_its_signature_alone(
    server: Running, tmp_path: Path, token: str, trusted: bool
) -> None:
    """It names the task that it is about, and one that somebody else signed is refused."""
    async with receiver() as (address, came), ferry(server, tmp_path) as opened:
        task = await opened.submit("vap/image", prompt=f"a fox {token}", webhook_url=address)
        await task.wait(timeout=30)
        headers, body = await asyncio.wait_for(came.get(), 20)

    remote: object
    try:
        now = float(next(value for name, value in headers.items() if name.lower() == "x-vap-timestamp"))
        remote = VapAdapter().verify_webhook(headers, body, server.env["VAP_WEBHOOK_SECRET"], now)
    except TaskferryError as error:
        remote = type(error)

    assert remote == ({"task_id": json.loads(body)["data"]["task_id"]} if trusted else ProviderError)
