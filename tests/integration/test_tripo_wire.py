"""The Tripo adapters at the wire: what leaves for Tripo's real hosts, and what each way of answering comes to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

import taskferry.testing  # registers the mocker that sees both roads
from taskferry import Accepted, CallForbidden, FailureKind, ProviderError, Reply, Request, Status
from taskferry.credentials import Secret
from taskferry.exchange import (
    NotReceived,
    Refused,
    SubmitOutcome,
    Unconfirmed,
    fetch,
    fetch_many,
    pack,
    replay,
    run,
    submit,
)
from taskferry.transport import Transport, Wire
from taskferry_tripo.adapter import TripoAdapter
from taskferry_tripo.operations import OPERATIONS
from taskferry_tripo.v2 import TripoV2Adapter

HOST, V2_HOST, CDN = "https://openapi.tripo3d.ai", "https://api.tripo3d.ai", "https://tripo-data.example"
CREATE = f"{HOST}/v3/generation/text-to-model"
KEY = "tsk_0123456789abcdef"
TASK_ID = "6ffdb041-55c6-4a16-8985-7cc3268a545b"
TRACE = {"X-Tripo-Trace-ID": "trace-1", "X-Request-ID": "request-1"}
CREATED = {"code": 0, "status": "success", "data": {"task_id": TASK_ID, "type": "text_to_model", "status": "queued"}}
TRIPO = TripoAdapter()
BY_NAME = {operation.name: operation for operation in OPERATIONS}
FOX = Request(task_id="ours", operation=BY_NAME["tripo/text-to-model"], parameters={"prompt": "a fox"})


class Notes:
    """A journal that remembers the order of things."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.packed = b""

    async def sending(self) -> None:
        self.lines.append("sending")

    async def replied(self, reply: Reply) -> None:
        self.lines.append(f"replied {reply.status}")
        self.packed = pack(reply)


@pytest.fixture
def host() -> Iterator[respx.Router]:
    with respx.mock(using=taskferry.testing.TaskferryMocker.name, assert_all_called=False) as router:
        yield router


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport(now=lambda: 1795170000.0)
    yield transport
    await transport.aclose()


@pytest.fixture
def wire(transport: Transport) -> Wire:
    return Wire(transport, TRIPO.service, TRIPO.service.base_url, Secret(KEY, "the test"))


@pytest.fixture
def notes() -> Notes:
    return Notes()


async def create(host: respx.Router, wire: Wire, notes: Notes, **answered: Any) -> tuple[SubmitOutcome, int]:
    """Submit once against an answer; give the outcome and how many creates arrived."""
    route = host.post(CREATE).mock(**answered)
    outcome = await submit(TRIPO, FOX, wire, notes)
    return outcome, route.call_count


def failed(status: int, code: int, message: str, **headers: str) -> httpx.Response:
    body = {"code": code, "status": "error", "message": message, "suggestion": "Do so.", "request_id": "req_1"}
    return httpx.Response(status, json=body, headers={**TRACE, **headers})


async def test_a_create_is_what_the_vendor_documents(host: respx.Router, wire: Wire, notes: Notes) -> None:
    """URL, headers and body; one create; noted before it leaves and before it is read."""
    outcome, creates = await create(host, wire, notes, return_value=httpx.Response(200, json=CREATED, headers=TRACE))

    sent = host.calls.last.request
    assert (sent.method, str(sent.url)) == ("POST", CREATE)
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["content-type"] == "application/json"
    assert json.loads(sent.content) == {"model": "v3.1-20260211", "prompt": "a fox"}
    assert (creates, notes.lines) == (1, ["sending", "replied 200"])
    assert isinstance(outcome, Accepted)
    assert outcome.remote == {"task_id": TASK_ID}
    assert outcome.observation is not None
    assert (outcome.observation.status, outcome.observation.trace_id) == (Status.QUEUED, "trace-1")


async def test_a_local_picture_is_uploaded_and_then_named_by_its_token(
    host: respx.Router, wire: Wire, notes: Notes, tmp_path: Path
) -> None:
    """A multipart field `file` with name and type, then the create, both with the key."""
    picture = tmp_path / "fox.webp"
    picture.write_bytes(b"RIFF....WEBP")
    bodies: list[bytes] = []

    async def take(upload: httpx.Request) -> httpx.Response:
        bodies.append(await upload.aread())  # the file is open only while it is sent
        return httpx.Response(200, json={"code": 0, "data": {"file_token": "file_1"}})

    host.post(f"{HOST}/v3/files").mock(side_effect=take)
    host.post(f"{HOST}/v3/generation/image-to-model").respond(200, json=CREATED)
    job = Request(
        task_id="ours", operation=BY_NAME["tripo/image-to-model"], parameters={"image": picture.as_uri(), "seed": 7}
    )

    outcome = await submit(TRIPO, job, wire, notes)

    upload, made = (call.request for call in host.calls)
    assert upload.headers["content-type"].startswith("multipart/form-data")
    assert b'name="file"; filename="fox.webp"\r\nContent-Type: image/webp\r\n\r\nRIFF....WEBP' in bodies[0]
    assert [sent.headers["authorization"] for sent in (upload, made)] == [f"Bearer {KEY}"] * 2
    assert json.loads(made.content) == {"model": "v3.1-20260211", "input": "file_1", "model_seed": 7}
    assert isinstance(outcome, Accepted)
    assert notes.lines == ["sending", "replied 200"]


@pytest.mark.parametrize(
    ("answered", "outcome_type"),
    [
        ({"side_effect": httpx.ReadError("gone")}, NotReceived),
        ({"return_value": failed(429, 1007, "Slow down.")}, NotReceived),
        ({"return_value": failed(400, 2004, "File type unsupported.")}, Refused),
    ],
    ids=["lost", "limited", "refused"],
)
async def test_what_goes_wrong_in_an_upload_bills_nothing(
    host: respx.Router, wire: Wire, notes: Notes, tmp_path: Path, answered: dict[str, Any], outcome_type: type
) -> None:
    """The create never leaves, so nothing is in doubt."""
    picture = tmp_path / "fox.png"
    picture.write_bytes(b"\x89PNG")
    host.post(f"{HOST}/v3/files").mock(**answered)
    job = Request(task_id="ours", operation=BY_NAME["tripo/image-to-model"], parameters={"image": picture.as_uri()})

    outcome = await submit(TRIPO, job, wire, notes)

    assert type(outcome) is outcome_type
    assert (len(host.calls), notes.lines) == (1, [])


@pytest.mark.parametrize(
    "answered",
    [
        {"side_effect": httpx.ReadError("gone")},
        {"side_effect": httpx.ReadTimeout("slow")},
        {"side_effect": httpx.RemoteProtocolError("no reply")},
        {"return_value": httpx.Response(502, html="<h1>Bad gateway</h1>")},
        {"return_value": httpx.Response(503, html="<h1>Unavailable</h1>", headers={"Retry-After": "5"})},
        {"return_value": failed(500, 1000, "Unknown error.")},
        {"return_value": httpx.Response(200, json={"code": 0, "data": {"status": "queued"}})},
        {"return_value": httpx.Response(200, text='{"code": 0, "da')},
    ],
    ids=repr,
)
async def test_a_create_without_a_readable_answer_is_unconfirmed(
    host: respx.Router, wire: Wire, notes: Notes, answered: dict[str, Any]
) -> None:
    """A paid task may exist, and Tripo has no idempotency key to ask with: it is never sent again."""
    outcome, creates = await create(host, wire, notes, **answered)

    assert isinstance(outcome, Unconfirmed)
    assert creates == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failed(401, 2, "Invalid API key"), FailureKind.AUTH),
        (failed(403, 2010, "Not enough credit."), FailureKind.FUNDS),
        (failed(403, 1005, "Not permitted."), FailureKind.FORBIDDEN),
        (failed(400, 1004, "Invalid parameter."), FailureKind.VALIDATION),
        (failed(400, 2008, "Content policy."), FailureKind.MODERATED),
        (failed(200, 2010, "Not enough credit."), FailureKind.FUNDS),
        (failed(200, 2009, "Invalid characters."), FailureKind.VALIDATION),
    ],
    ids=repr,
)
async def test_a_refused_create_says_why(
    host: respx.Router, wire: Wire, notes: Notes, answer: httpx.Response, kind: FailureKind
) -> None:
    """Nothing exists at Tripo, nothing is billed; a code other than 0 refuses under HTTP 200 too."""
    outcome, creates = await create(host, wire, notes, return_value=answer)

    assert isinstance(outcome, Refused)
    assert (outcome.failure.kind, outcome.failure.http_status) == (kind, answer.status_code)
    assert (outcome.failure.suggestion, outcome.failure.trace_id) == ("Do so.", "trace-1")
    assert creates == 1


@pytest.mark.parametrize("code", [1007, 2000])
async def test_a_limited_create_may_be_sent_again_later(
    host: respx.Router, wire: Wire, notes: Notes, code: int
) -> None:
    """Too many requests, or too many tasks at once: Tripo took nothing, and says when to come back."""
    answer = failed(429, code, "Limit reached.", **{"Retry-After": "11"})

    outcome, creates = await create(host, wire, notes, return_value=answer)

    assert isinstance(outcome, NotReceived)
    assert (outcome.failure.kind, outcome.failure.retry_after, creates) == (FailureKind.RATE_LIMITED, 11.0, 1)


async def test_a_create_that_found_no_server_was_not_received(host: respx.Router, wire: Wire, notes: Notes) -> None:
    """Only a failed connect proves that."""
    outcome, _ = await create(host, wire, notes, side_effect=httpx.ConnectError("refused"))

    assert isinstance(outcome, NotReceived)
    assert outcome.failure.kind is FailureKind.NOT_SENT


async def test_a_kept_create_reply_still_gives_the_task(host: respx.Router, wire: Wire, notes: Notes) -> None:
    """A process that died right after the reply lost nothing."""
    await create(host, wire, notes, return_value=httpx.Response(200, json=CREATED))

    found = replay(TRIPO, FOX, notes.packed, TRIPO.service.base_url)

    assert found is not None
    assert found.remote == {"task_id": TASK_ID}


async def test_a_look_is_one_signed_read_and_its_files_need_no_key(host: respx.Router, wire: Wire) -> None:
    """The result lies on another host, which never sees the key."""
    url = f"{CDN}/fox.glb?Expires=1795172400&Signature=x"
    data = {"task_id": TASK_ID, "status": "success", "progress": 100, "output": {"model_url": url}}
    host.get(f"{HOST}/v3/tasks/{TASK_ID}").respond(200, json={"code": 0, "data": data}, headers=TRACE)

    seen = await fetch(TRIPO, {"task_id": TASK_ID}, wire)

    assert host.calls.last.request.headers["authorization"] == f"Bearer {KEY}"
    (model,) = seen.artifacts
    assert (model.url, model.expires_at, model.needs_key) == (url, 1795172400.0, False)
    assert (seen.trace_id, json.loads(seen.raw or b"")["data"]) == ("trace-1", data)


async def test_the_key_never_goes_to_the_cdn(host: respx.Router, wire: Wire, transport: Transport) -> None:
    """A signed call there is stopped before it leaves, and a download carries none."""
    host.get(url__startswith=CDN).respond(200, content=b"glTF")

    async with transport.download(f"{CDN}/fox.glb?sig=x", {}) as download:
        body = b"".join([chunk async for chunk in download.chunks()])
    with pytest.raises(CallForbidden):
        wire.keyed(f"{CDN}/fox.glb")

    assert body == b"glTF"
    assert all("authorization" not in call.request.headers for call in host.calls)


async def test_many_looks_are_one_request(host: respx.Router, wire: Wire) -> None:
    """What Tripo missed is None."""
    data = {"tasks": {"b": {"status": "running", "progress": 5}}, "missed": ["a"]}
    route = host.post(f"{HOST}/v3/tasks/list").respond(200, json={"code": 0, "data": data})

    seen = await fetch_many(TRIPO, TRIPO.failure, [{"task_id": "a"}, {"task_id": "b"}], wire)

    assert json.loads(route.calls.last.request.content) == {"task_ids": ["a", "b"]}
    assert [one and one.progress for one in seen] == [None, 0.05]


async def test_a_look_at_a_task_that_is_gone_says_so(host: respx.Router, wire: Wire) -> None:
    """The key is in no message."""
    host.get(f"{HOST}/v3/tasks/{TASK_ID}").mock(return_value=failed(404, 2001, "Task not found."))

    with pytest.raises(ProviderError) as caught:
        await fetch(TRIPO, {"task_id": TASK_ID}, wire)

    assert (caught.value.failure.kind, caught.value.failure.code) == (FailureKind.NOT_FOUND, "2001")
    assert KEY not in str(caught.value)


async def test_recent_asks_for_the_usage_and_then_for_the_tasks(host: respx.Router, wire: Wire) -> None:
    """Two free reads, however many jobs."""
    rows = [{"task_id": TASK_ID, "type": "text_to_model", "created_at": "2026-11-20T11:00:00Z"}]
    tasks = {TASK_ID: {"input": {"prompt": "a fox"}, "status": "running"}}
    host.get(f"{HOST}/v3/account/usage", params={"limit": "100", "offset": "0"}).respond(
        200, json={"code": 0, "data": rows}
    )
    host.post(f"{HOST}/v3/tasks/list").respond(200, json={"code": 0, "data": {"tasks": tasks, "missed": []}})

    found, _ = await run(TRIPO.recent(FOX), wire, TRIPO.failure)

    assert [(one.remote, one.prompt, one.provider_status) for one in found] == [
        ({"task_id": TASK_ID}, "a fox", "running")
    ]


async def test_v2_submits_nothing_and_still_reads(host: respx.Router, transport: Transport, notes: Notes) -> None:
    """A submit is refused without a request; a look goes to v2's own host."""
    v2 = TripoV2Adapter()
    wire = Wire(transport, v2.service, v2.service.base_url, Secret(KEY, "the test"))
    route = host.get(f"{V2_HOST}/v2/openapi/task/{TASK_ID}").respond(
        200, json={"code": 0, "data": {"status": "running", "progress": 99, "consumed_credit": 60}}
    )

    outcome = await submit(v2, FOX, wire, notes)
    seen = await fetch(v2, {"task_id": TASK_ID}, wire)

    assert isinstance(outcome, Refused)
    assert outcome.failure.kind is FailureKind.VALIDATION
    assert "2026-11-01" in outcome.failure.message
    assert (len(host.calls), route.call_count, notes.lines) == (1, 1, [])
    assert (seen.status, seen.progress, seen.cost) == (Status.RUNNING, 0.99, None)
