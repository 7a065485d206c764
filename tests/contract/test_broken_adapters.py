"""Adapters that break the contract: what becomes of the job, and that the billed call goes out once at most."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from contract.test_exchange import BASE, Acme, outcome_of
from taskferry import (
    Accepted,
    Artifact,
    Call,
    Failure,
    FilePart,
    NotSent,
    Observation,
    ProviderError,
    Reply,
    ReplyLost,
    Request,
    UsageError,
)
from taskferry.credentials import Secret
from taskferry.exchange import NotReceived, Refused, Unconfirmed, pack, replay
from taskferry.transport import Transport, Wire


@pytest.fixture
async def wire():
    transport = Transport()
    yield Wire(transport, Acme.service, BASE, Secret("sesame", "the test"))
    await transport.aclose()


def broken(**methods: Callable[..., Any]) -> Any:
    return type("Broken", (Acme,), methods)()


def creates_twice(self: Any, request: Request) -> Any:
    yield Call.create("/jobs", json={})
    yield Call.create("/jobs", json={})
    return Accepted(remote={"id": "1"})


def retries_by_itself(self: Any, request: Request) -> Any:
    try:
        yield Call.create("/jobs", json={})
    except ReplyLost:
        reply = yield Call.create("/jobs", json={})
    return Accepted(remote={"id": reply.at("id", str)})


def never_creates(self: Any, request: Request) -> Any:
    yield Call.post("/jobs", json={}, free=True)
    return Accepted(remote={"id": "1"})


def empty_remote(self: Any, request: Request) -> Any:
    yield Call.create("/jobs", json={})
    return Accepted(remote={})


def remote_of_an_empty_id(self: Any, request: Request) -> Any:
    yield Call.create("/jobs", json={})
    return Accepted(remote={"id": "", "place": {"region": None}})


def remote_that_is_not_json(self: Any, request: Request) -> Any:
    yield Call.create("/jobs", json={})
    return Accepted(remote={"id": object()})


def returns_something_else(self: Any, request: Request) -> Any:
    yield Call.create("/jobs", json={})
    return {"id": "1"}


def raises_after(self: Any, request: Request) -> Any:
    yield Call.create("/jobs", json={})
    raise KeyError("id")


def raises_stop_iteration_inside(self: Any, request: Request) -> Any:
    yield Call.create("/jobs", json={})
    next(iter(()))


def yields_nonsense_after(self: Any, request: Request) -> Any:
    yield Call.create("/jobs", json={})
    yield "/jobs/1"


def failure_that_raises(self: Any, reply: Reply) -> Failure | None:
    raise ValueError("boom")


def will_not_close(self: Any, request: Request) -> Any:
    try:
        yield Call.create("/jobs", json={})
        yield None
    except GeneratorExit:
        yield None


AFTER = [
    broken(submit=creates_twice),
    broken(submit=retries_by_itself),
    broken(submit=never_creates),
    broken(submit=empty_remote),
    broken(submit=remote_of_an_empty_id),
    broken(submit=remote_that_is_not_json),
    broken(submit=returns_something_else),
    broken(submit=raises_after),
    broken(submit=raises_stop_iteration_inside),
    broken(submit=yields_nonsense_after),
    broken(submit=will_not_close),
    broken(failure=failure_that_raises),
]


@pytest.mark.parametrize("adapter", AFTER, ids=[str(place) for place in range(len(AFTER))])
@respx.mock(using="taskferry")
async def test_an_adapter_that_breaks_after_the_billed_call_leaves_the_job_unconfirmed(
    adapter: Any, wire: Wire, respx_mock
) -> None:
    """A paid job may exist, so nothing claims that it does not; the call went out once at most."""
    route = respx_mock.post(f"{BASE}/jobs")
    route.side_effect = [httpx.ReadError("gone")] if adapter.submit.__name__ == "retries_by_itself" else None
    if route.side_effect is None:
        route.respond(json={"id": "1"})

    outcome, steps = await outcome_of(adapter, wire)

    assert isinstance(outcome, Unconfirmed)
    assert steps[0] == "sending"
    assert route.call_count == 1


def raises_after_a_free_call(self: Any, request: Request) -> Any:
    yield Call.post("/jobs", json={}, free=True)
    raise KeyError("id")


def says_usage_error_after_a_free_call(self: Any, request: Request) -> Any:
    yield Call.write("PUT", "/jobs", json={})
    raise UsageError("It is too large.")


def looks_after_a_free_call(self: Any, request: Request) -> Any:
    yield Call.post("/jobs", json={}, free=True)
    yield Call.get("/jobs/1")


def starts_by_a_second_free_call(self: Any, request: Request) -> Any:
    yield Call.post("/jobs", json={}, free=True)
    yield Call.post("/jobs/1/start", json={}, free=True)


def creates_for_free_once_the_create_failed(self: Any, request: Request) -> Any:
    try:
        yield Call.create("/paid", json={})
    except (ProviderError, NotSent):
        yield Call.post("/jobs", json={}, free=True)
    return Accepted(remote={"id": "1"})


def raises_once_the_free_fallback_was_taken(self: Any, request: Request) -> Any:
    yield from creates_for_free_once_the_create_failed(self, request)
    raise KeyError("id")


IN_DOUBT = [
    (raises_after_a_free_call, None),
    (says_usage_error_after_a_free_call, None),
    (looks_after_a_free_call, None),
    (starts_by_a_second_free_call, None),
    (creates_for_free_once_the_create_failed, httpx.ConnectError("no route")),
    (raises_once_the_free_fallback_was_taken, httpx.ConnectError("no route")),
    (raises_once_the_free_fallback_was_taken, httpx.Response(400, json={"message": "no"})),
]


@pytest.mark.parametrize(("method", "paid"), IN_DOUBT)
@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_free_call_that_was_taken_and_that_no_billed_call_followed_leaves_the_job_unconfirmed(
    method: Callable[..., Any], paid: httpx.Response | Exception | None, wire: Wire, respx_mock
) -> None:
    """It may have been the create, whatever the adapter calls it: no job is denied, nothing is sent again."""
    free = respx_mock.route(path="/jobs").respond(json={"id": "1"})
    respx_mock.route(path__startswith="/jobs/1").respond(503)
    if paid is not None:
        respx_mock.post(f"{BASE}/paid").mock(side_effect=[paid])

    outcome, _ = await outcome_of(broken(submit=method), wire)

    assert isinstance(outcome, Unconfirmed)
    assert "a job may exist" in outcome.failure.message
    assert free.call_count == 1


def prepares_an_upload(self: Any, request: Request) -> Any:
    place = yield Call.post("/files", json={}, free=True)
    yield Call.upload(place.at("url", str), FilePart(path=Path(__file__)), whole_body=True, signed=False)
    yield Call.create("/jobs", json={})


@pytest.mark.parametrize(
    ("presign", "put", "expected"),
    [
        (httpx.Response(400), None, Refused),
        (httpx.ReadError("gone"), None, NotReceived),
        (httpx.Response(200, json={"url": "https://files.example/1"}), httpx.ReadError("gone"), NotReceived),
        (httpx.Response(200, json={"url": "https://files.example/1"}), httpx.Response(403), Refused),
    ],
)
@respx.mock(using="taskferry", assert_all_called=False)
async def test_an_upload_that_fails_before_the_billed_call_leaves_no_doubt(
    presign: httpx.Response | Exception, put: httpx.Response | Exception | None, expected: type, wire: Wire, respx_mock
) -> None:
    """What prepares a file is no create: the job is refused, or tried again."""
    respx_mock.post(f"{BASE}/files").mock(side_effect=[presign])
    respx_mock.put("https://files.example/1").mock(side_effect=[put])
    create = respx_mock.post(f"{BASE}/jobs").respond(json={"id": "1"})

    outcome, _ = await outcome_of(broken(submit=prepares_an_upload), wire)

    assert isinstance(outcome, expected)
    assert create.call_count == 0


def raises_before(self: Any, request: Request) -> Any:
    raise RuntimeError("not today")
    yield


def says_usage_error(self: Any, request: Request) -> Any:
    raise UsageError("The service was shut; use the other one.")
    yield


def no_generator(self: Any, request: Request) -> Any:
    return Accepted(remote={"id": "1"})


def calls_another_host(self: Any, request: Request) -> Any:
    yield Call.create("https://evil.example/jobs", json={})


def calls_plain_http(self: Any, request: Request) -> Any:
    yield Call.create("http://api.acme.example/jobs", json={})


def yields_nonsense(self: Any, request: Request) -> Any:
    yield "/jobs"


def missing_place(self: Any, request: Request) -> Any:
    yield Call.create("/jobs/{kind}", other="x")


def asks_with_a_post(self: Any, request: Request) -> Any:
    yield Call.query("/jobs", json={})
    return Accepted(remote={"id": "1"})


BEFORE = [
    asks_with_a_post,
    raises_before,
    says_usage_error,
    no_generator,
    calls_another_host,
    calls_plain_http,
    yields_nonsense,
    missing_place,
]


@pytest.mark.parametrize("method", BEFORE)
@respx.mock(using="taskferry")
async def test_an_adapter_that_breaks_before_the_billed_call_is_refused_and_sends_nothing(
    method: Callable[..., Any], wire: Wire, respx_mock
) -> None:
    """Nothing exists and nothing is billed, so the caller may go on."""
    outcome, steps = await outcome_of(broken(submit=method), wire)

    assert isinstance(outcome, Refused)
    assert (steps, respx_mock.calls.call_count) == ([], 0)


def looks_after(self: Any, request: Request) -> Any:
    reply = yield Call.create("/jobs", json={})
    yield Call.get("/jobs/1")
    return Accepted(remote={"id": reply.at("id", str)})


@pytest.mark.parametrize("status", [400, 404, 429, 503])
@respx.mock(using="taskferry")
async def test_a_failure_of_a_later_call_never_refuses_what_the_create_made(
    status: int, wire: Wire, respx_mock
) -> None:
    """Least of all a 429, after which the create would be sent again."""
    create = respx_mock.post(f"{BASE}/jobs").respond(json={"id": "1"})
    respx_mock.get(f"{BASE}/jobs/1").respond(status, json={"message": "no"})

    outcome, _ = await outcome_of(broken(submit=looks_after), wire)

    assert isinstance(outcome, Unconfirmed)
    assert create.call_count == 1


def sees_two_alike(self: Any, request: Request) -> Any:
    reply = yield Call.create("/jobs", json={})
    twice = [Artifact(name="image", kind="image", url="https://a.example/1")] * 2
    return Accepted(remote={"id": reply.at("id", str)}, observation=Observation(artifacts=twice))


def sees_nonsense(self: Any, request: Request) -> Any:
    reply = yield Call.create("/jobs", json={})
    return Accepted(remote={"id": reply.at("id", str)}, observation=Observation(artifacts=7))  # type: ignore[arg-type]  # as a careless plugin


@pytest.mark.parametrize("method", [sees_two_alike, sees_nonsense])
@respx.mock(using="taskferry")
async def test_a_job_that_exists_keeps_its_handle_whatever_the_adapter_says_it_saw(
    method: Callable[..., Any], wire: Wire, respx_mock, caplog: pytest.LogCaptureFixture
) -> None:
    """It is accepted, and the next look tells what the create reply could not; a kept reply reads the same way."""
    respx_mock.post(f"{BASE}/jobs").respond(json={"id": "1"})
    request = Request(task_id="t", operation=Acme.operations[0], parameters={})

    outcome, _ = await outcome_of(broken(submit=method), wire)
    again = replay(broken(submit=method), request, pack(Reply(200, b'{"id": "1"}')), BASE)

    assert outcome == again == Accepted(remote={"id": "1"})
    assert "what a create reply shows is not used" in caplog.text


@pytest.mark.parametrize("method", [empty_remote, raises_after, returns_something_else, yields_nonsense_after])
def test_a_kept_reply_that_an_adapter_cannot_read_is_no_reason_to_get_stuck(method: Callable[..., Any]) -> None:
    """The task is then unconfirmed, for reconciling to settle."""
    request = Request(task_id="t", operation=Acme.operations[0], parameters={})

    assert replay(broken(submit=method), request, pack(Reply(200, b'{"id": "1"}')), "https://api.acme.example") is None
