"""The driver: what became of a submit, whatever the wire or the adapter does to it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import respx

import taskferry.testing  # noqa: F401 -- registers the mocker
from taskferry import (
    Accepted,
    AdapterError,
    Call,
    CallForbidden,
    Failure,
    FailureKind,
    MalformedReply,
    NotSent,
    Observation,
    Operation,
    ProviderError,
    Reply,
    ReplyLost,
    Request,
    Service,
    Status,
    Typical,
    failure_from_status,
)
from taskferry.credentials import Secret
from taskferry.exchange import NotReceived, Refused, SubmitOutcome, Unconfirmed, fetch, pack, replay, submit
from taskferry.transport import REPLY_LIMIT, Transport, Wire, wire_error

BASE = "https://api.acme.example"
IMAGE = Operation(
    name="acme/image",
    title="Image",
    description="An image.",
    kind="image",
    parameters={"type": "object", "properties": {"prompt": {"type": "string"}}},
    typical=Typical(median=5, slow=20),
)


class Acme:
    """A sound adapter; the broken ones below differ in one method."""

    service = Service(base_url=BASE, key_variables=("ACME_KEY",))
    operations = (IMAGE,)

    def submit(self, request: Request) -> Any:
        reply = yield Call.create("/jobs", json=dict(request.parameters))
        return Accepted(remote={"id": reply.at("id", str)})

    def fetch(self, remote: Any) -> Any:
        reply = yield Call.get("/jobs/{id}", **remote)
        return Observation(provider_status=reply.at("state", str), status=Status.RUNNING)

    def failure(self, reply: Reply) -> Failure | None:
        return failure_from_status(reply)


class Journal:
    def __init__(self) -> None:
        self.steps: list[str] = []

    async def sending(self) -> None:
        self.steps.append("sending")

    async def replied(self, reply: Reply) -> None:
        self.steps.append(f"replied {reply.status}")


@pytest.fixture
async def transport():
    made = Transport(now=lambda: 1_000_000_000.0)
    yield made
    await made.aclose()


@pytest.fixture
def wire(transport: Transport) -> Wire:
    return Wire(transport, Acme.service, BASE, Secret("sesame", "the test"))


async def outcome_of(adapter: Any, wire: Wire) -> tuple[SubmitOutcome, list[str]]:
    journal = Journal()
    request = Request(task_id="t", operation=IMAGE, parameters={"prompt": "a fox"})
    return await submit(adapter, request, wire, journal), journal.steps


LOST = [httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError, httpx.CloseError]
NEVER_SENT = [httpx.ConnectError, httpx.ConnectTimeout]


@pytest.mark.parametrize("error", LOST)
@respx.mock(using="taskferry")
async def test_a_lost_reply_to_the_billed_call_is_unconfirmed(error: type[Exception], wire: Wire, respx_mock) -> None:
    """The intent to send was kept before, and the call goes out exactly once."""
    route = respx_mock.post(f"{BASE}/jobs").mock(side_effect=error("gone"))

    outcome, steps = await outcome_of(Acme(), wire)

    assert isinstance(outcome, Unconfirmed)
    assert (steps, route.call_count) == (["sending"], 1)


@pytest.mark.parametrize("error", NEVER_SENT)
@respx.mock(using="taskferry")
async def test_a_failed_connect_alone_proves_that_nothing_was_received(
    error: type[Exception], wire: Wire, respx_mock
) -> None:
    """Then the call may be sent again."""
    respx_mock.post(f"{BASE}/jobs").mock(side_effect=error("no route"))

    outcome, _ = await outcome_of(Acme(), wire)

    assert isinstance(outcome, NotReceived)
    assert outcome.failure.kind is FailureKind.NOT_SENT


REPLIES = [
    (httpx.Response(400, json={"message": "no"}), Refused, FailureKind.VALIDATION),
    (httpx.Response(401, json={"message": "no"}), Refused, FailureKind.AUTH),
    (httpx.Response(402, json={"message": "no"}), Refused, FailureKind.FUNDS),
    (httpx.Response(429, headers={"retry-after": "7"}), NotReceived, FailureKind.RATE_LIMITED),
    (httpx.Response(500, json={"message": "oops"}), Unconfirmed, FailureKind.UNAVAILABLE),
    (httpx.Response(502, html="<h1>Bad gateway</h1>"), Unconfirmed, FailureKind.UNAVAILABLE),
    (httpx.Response(503, headers={"retry-after": "7"}), Unconfirmed, FailureKind.UNAVAILABLE),
    (httpx.Response(408), Unconfirmed, FailureKind.UNAVAILABLE),
    (httpx.Response(302, headers={"location": "https://elsewhere.example"}), Unconfirmed, None),
    (httpx.Response(200, text="created, honestly"), Unconfirmed, FailureKind.MALFORMED),
    (httpx.Response(200, json={"no": "id"}), Unconfirmed, FailureKind.MALFORMED),
    (httpx.Response(200, json={"id": 7}), Unconfirmed, FailureKind.MALFORMED),
    (httpx.Response(200, json=["id"]), Unconfirmed, FailureKind.MALFORMED),
    (httpx.Response(200, content=b"[" * 100_000), Unconfirmed, FailureKind.MALFORMED),
    (httpx.Response(200, content=b"x" * (REPLY_LIMIT + 1)), Unconfirmed, FailureKind.MALFORMED),
    (httpx.Response(201, json={"id": "7"}), Accepted, None),
]


@pytest.mark.parametrize(
    ("reply", "expected", "kind"), REPLIES, ids=[f"{r.status_code}-{i}" for i, (r, *_) in enumerate(REPLIES)]
)
@respx.mock(using="taskferry")
async def test_each_reply_to_the_billed_call_has_one_meaning(
    reply: httpx.Response, expected: type, kind: FailureKind | None, wire: Wire, respx_mock
) -> None:
    """Refused means nothing exists; whatever leaves room for a paid job is unconfirmed."""
    route = respx_mock.post(f"{BASE}/jobs").mock(return_value=reply)

    outcome, _ = await outcome_of(Acme(), wire)

    assert isinstance(outcome, expected)
    assert route.call_count == 1
    if kind is not None:
        assert outcome.failure.kind is kind


def broken(**methods: Callable[..., Any]) -> Any:
    return type("Broken", (Acme,), methods)()


@respx.mock(using="taskferry")
async def test_the_raw_reply_is_kept_before_the_adapter_reads_it(wire: Wire, respx_mock) -> None:
    """So that a crash in between loses nothing."""
    respx_mock.post(f"{BASE}/jobs").respond(json={"id": "1"})

    outcome, steps = await outcome_of(Acme(), wire)

    assert isinstance(outcome, Accepted)
    assert steps == ["sending", "replied 200"]


def test_a_kept_reply_is_read_again_without_the_network() -> None:
    """A job whose process died between reply and row is found."""
    request = Request(task_id="t", operation=IMAGE, parameters={"prompt": "a fox"})

    found = replay(Acme(), request, pack(Reply(200, b'{"id": "42"}')), BASE)

    assert found == Accepted(remote={"id": "42"})
    assert replay(Acme(), request, pack(Reply(502, b"<html>")), BASE) is None
    assert replay(Acme(), request, pack(Reply(200, b"{}")), BASE) is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status_code": 404, "json": {"message": "gone"}}, ProviderError),
        ({"status_code": 302, "headers": {"location": "https://elsewhere.example"}}, MalformedReply),
        ({"text": "<html>"}, MalformedReply),
        ({"json": {"state": 5}}, MalformedReply),
    ],
)
@respx.mock(using="taskferry")
async def test_a_look_that_shows_nothing_raises_a_typed_error(
    answer: dict[str, Any], error: type[Exception], wire: Wire, respx_mock
) -> None:
    """The poller decides what to make of it; the key follows no redirect."""
    respx_mock.get(f"{BASE}/jobs/1").respond(**answer)

    with pytest.raises(error):
        await fetch(Acme(), {"id": "1"}, wire)


@respx.mock(using="taskferry")
async def test_a_look_may_not_make_a_billed_call(wire: Wire, respx_mock) -> None:
    """Only a submit may."""

    def fetch_that_pays(self: Any, remote: Any) -> Any:
        yield Call.create("/jobs", json={})

    with pytest.raises(AdapterError, match="only a submit"):
        await fetch(broken(fetch=fetch_that_pays), {"id": "1"}, wire)
    assert respx_mock.calls.call_count == 0


@respx.mock(using="taskferry")
async def test_a_generator_in_circles_is_stopped(wire: Wire, respx_mock) -> None:
    """Sixty-four calls are enough for any exchange."""

    def endless(self: Any, remote: Any) -> Any:
        while True:
            yield Call.get("/jobs/1")

    respx_mock.get(f"{BASE}/jobs/1").respond(json={})

    with pytest.raises(AdapterError, match="64 calls"):
        await fetch(broken(fetch=endless), {"id": "1"}, wire)


@respx.mock(using="taskferry")
async def test_the_key_stays_with_the_provider(wire: Wire, respx_mock) -> None:
    """A signed read of another host is stopped before it leaves, and no error or repr shows the key."""

    def foreign(self: Any, remote: Any) -> Any:
        yield Call.get("https://cdn.example/1")

    with pytest.raises(CallForbidden) as caught:
        await fetch(broken(fetch=foreign), {"id": "1"}, wire)

    assert "sesame" not in f"{caught.value!r} {caught.value} {wire!r}"


@respx.mock(using="taskferry")
async def test_an_unsigned_call_may_go_elsewhere_without_the_key(wire: Wire, respx_mock) -> None:
    """Presigned addresses live on other hosts."""

    def unsigned(self: Any, remote: Any) -> Any:
        yield Call.get("https://cdn.example/1", signed=False)
        return Observation(status=Status.RUNNING)

    route = respx_mock.get("https://cdn.example/1").respond(json={})

    await fetch(broken(fetch=unsigned), {"id": "1"}, wire)

    assert "authorization" not in route.calls.last.request.headers


@respx.mock(using="taskferry")
async def test_retry_after_is_read_in_both_forms_also_under_200(wire: Wire, respx_mock) -> None:
    """Seconds, or a date against the clock that was handed in."""
    route = respx_mock.get(f"{BASE}/jobs/1")
    route.side_effect = [
        httpx.Response(200, json={"state": "x"}, headers={"Retry-After": "12"}),
        httpx.Response(200, json={"state": "x"}, headers={"Retry-After": "Sun, 09 Sep 2001 01:47:10 GMT"}),
        httpx.Response(200, json={"state": "x"}, headers={"Retry-After": "soon"}),
    ]

    hints = [(await fetch(Acme(), {"id": "1"}, wire)).retry_after for _ in range(3)]

    assert hints == [12.0, 30.0, None]


def httpx_errors() -> list[type[Exception]]:
    """Every exception class that httpx has."""
    return [
        value
        for value in vars(httpx).values()
        if inspect.isclass(value) and issubclass(value, Exception) and value.__module__.startswith("httpx")
    ]


def test_every_error_of_httpx_becomes_one_of_ours() -> None:
    """Only the two connect errors prove that nothing was sent."""
    for kind in httpx_errors():
        error = kind.__new__(kind)
        Exception.__init__(error, "x")
        translated = wire_error(error, "POST acme")
        assert isinstance(translated, NotSent) is (kind in NEVER_SENT)
        assert isinstance(translated, NotSent | ReplyLost | MalformedReply)
