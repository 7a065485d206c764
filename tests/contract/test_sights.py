"""Looks of the poller: what changed nothing since the last one is neither decoded nor shown again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import respx

import taskferry.testing  # noqa: F401 -- registers the mocker
from contract.test_exchange import BASE, Acme, broken
from taskferry import AdapterError, Call, MalformedReply, Observation, ProviderError, Reply, ReplyLost, Status
from taskferry.credentials import Secret
from taskferry.exchange import Sight, fetch, look
from taskferry.transport import Transport, Wire

JOB = {"id": "1"}


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    transport = Transport(now=lambda: 1_000_000_000.0)
    yield Wire(transport, Acme.service, BASE, Secret("sesame", "the test"))
    await transport.aclose()


async def looks(adapter: Any, wire: Wire, respx_mock: Any, *answers: httpx.Response) -> list[Sight]:
    """Look once for each answer, each time with the mark of the last sight."""
    respx_mock.get(f"{BASE}/jobs/1").mock(side_effect=list(answers))
    sights: list[Sight] = []
    for _ in answers:
        sights.append(await look(adapter, JOB, wire, sights[-1].mark if sights else None))
    return sights


def answer(state: str, status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"state": state}, headers=named)


@respx.mock(using="taskferry")
async def test_the_same_reply_again_is_no_news(wire: Wire, respx_mock) -> None:
    """Whatever its headers are; a hint in them still counts."""
    again = answer("running", x_request_id="r2", retry_after="9")

    first, second, third = await looks(Acme(), wire, respx_mock, answer("running", x_request_id="r1"), again, again)

    assert first.observation is not None
    assert (first.observation.provider_status, first.observation.trace_id) == ("running", "r1")
    assert (second.observation, second.mark, second.retry_after) == (None, first.mark, 9.0)
    assert (third.observation, third.mark) == (None, first.mark)


@respx.mock(using="taskferry")
async def test_another_body_or_another_http_status_is_news(wire: Wire, respx_mock) -> None:
    """Both are part of the mark."""
    sights = await looks(Acme(), wire, respx_mock, answer("a"), answer("b"), answer("b", 202), answer("a"))

    assert [one.observation is not None for one in sights] == [True] * 4
    assert len({one.mark for one in sights}) == 3


@respx.mock(using="taskferry")
async def test_a_look_sees_what_fetch_sees(wire: Wire, respx_mock) -> None:
    """Raw reply, hints and all."""
    respx_mock.get(f"{BASE}/jobs/1").mock(return_value=answer("running", retry_after="4", x_request_id="r1"))

    sight, observation = await look(Acme(), JOB, wire), await fetch(Acme(), JOB, wire)

    assert sight.observation == observation
    assert sight.retry_after == observation.retry_after == 4.0


def reads_headers(self: Any, remote: Any) -> Any:
    reply = yield Call.get("/jobs/{id}", **remote)
    return Observation(status=Status.RUNNING, eta=reply.retry_after)


def has_two_hops(self: Any, remote: Any) -> Any:
    yield Call.get("/jobs/{id}", **remote)
    reply = yield Call.get("/more")
    return Observation(provider_status=reply.at("state", str), status=Status.RUNNING)


def writes(self: Any, remote: Any) -> Any:
    yield Call.write("GET", "/jobs/{id}", **remote)
    return Observation(status=Status.RUNNING)


@pytest.mark.parametrize("method", [reads_headers, has_two_hops, writes], ids=lambda method: method.__name__)
@respx.mock(using="taskferry", assert_all_called=False)
async def test_an_observation_that_does_not_follow_from_one_body_has_no_mark(
    method: Any, wire: Wire, respx_mock
) -> None:
    """So that the next look is read whole."""
    respx_mock.get(f"{BASE}/more").mock(return_value=answer("more"))

    sights = await looks(broken(fetch=method), wire, respx_mock, answer("a"), answer("a"))

    assert [one.mark for one in sights] == [None, None]
    assert None not in [one.observation for one in sights]


@respx.mock(using="taskferry")
async def test_a_failure_that_the_adapter_makes_something_of_has_no_mark(wire: Wire, respx_mock) -> None:
    """What it makes may depend on the failure's hints."""

    def forgiving(self: Any, remote: Any) -> Any:
        try:
            yield Call.get("/jobs/{id}", **remote)
        except ProviderError as error:
            return Observation(status=Status.EXPIRED, provider_status=error.failure.kind)

    (sight,) = await looks(broken(fetch=forgiving), wire, respx_mock, answer("gone", 404))

    assert (sight.mark, sight.observation.status if sight.observation else None) == (None, Status.EXPIRED)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"return_value": answer("gone", 404)}, ProviderError),
        ({"return_value": httpx.Response(302)}, MalformedReply),
        ({"return_value": httpx.Response(200, text="<html>")}, MalformedReply),
        ({"side_effect": httpx.ReadError("gone")}, ReplyLost),
    ],
    ids=["failure", "redirect", "html", "lost"],
)
@respx.mock(using="taskferry")
async def test_a_look_that_shows_nothing_raises_what_fetch_raises(
    given: dict[str, Any], error: type[Exception], wire: Wire, respx_mock
) -> None:
    """The poller decides what to make of it."""
    respx_mock.get(f"{BASE}/jobs/1").mock(**given)

    with pytest.raises(error):
        await look(Acme(), JOB, wire)


@respx.mock(using="taskferry")
async def test_no_failure_is_asked_of_a_reply_that_is_known(wire: Wire, respx_mock) -> None:
    """It was none, and it is the same."""
    asked: list[int] = []

    def noted(self: Any, reply: Reply) -> None:
        asked.append(reply.status)

    await looks(broken(failure=noted), wire, respx_mock, answer("a"), answer("a"), answer("a"))

    assert asked == [200]


@respx.mock(using="taskferry")
async def test_a_generator_that_goes_on_after_it_was_closed_is_the_adapters_error(wire: Wire, respx_mock) -> None:
    """Also where its reply is known."""

    def stubborn(self: Any, remote: Any) -> Any:
        try:
            yield Call.get("/jobs/{id}", **remote)
        except GeneratorExit:
            yield Call.get("/jobs/{id}", **remote)
        return Observation(status=Status.RUNNING)

    with pytest.raises(AdapterError, match="after it was closed"):
        await looks(broken(fetch=stubborn), wire, respx_mock, answer("a"), answer("a"))
