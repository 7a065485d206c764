"""Which reads take the lane, what they carry, and what their replies tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
import respx

import taskferry.testing  # noqa: F401 -- registers the mocker
from taskferry import (
    Bearer,
    Call,
    CallForbidden,
    HeaderKey,
    NoKey,
    QueryKey,
    ReplyLost,
    Service,
    SignedToken,
)
from taskferry.credentials import Secret
from taskferry.transport import Answer, Transport, Wire
from taskferry.transport.lane import lost

BASE = "https://api.acme.example/v1"
KEY = Secret("id:sesame", "the test")


class NotedLane:
    """Notes what it was asked."""

    def __init__(self, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.bodies: list[bytes | None] = []
        self.answer: Answer = (status, b"{}", headers or {})

    async def look(self, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        self.asked.append((url, dict(headers)))
        self.bodies.append(body)
        return self.answer

    async def aclose(self) -> None:
        self.asked.clear()


class LaneTransport(Transport):
    """A transport whose lane is a note book."""

    def __init__(self, lane: Any) -> None:
        super().__init__(now=lambda: 1_000_000_000.0, monotonic=lambda: 50.0)
        self._lane = lane


def wire_over(lane: Any, scheme: Any = None, **service: Any) -> Wire:
    return Wire(LaneTransport(lane), Service(base_url=BASE, scheme=scheme or Bearer(), **service), BASE, KEY)


@pytest.mark.parametrize(
    ("scheme", "headers"),
    [
        (Bearer(), {"Authorization": "Bearer id:sesame"}),
        (HeaderKey(name="X-Key", prefix="Key "), {"X-Key": "Key id:sesame"}),
        (NoKey(), {}),
    ],
)
async def test_a_plain_look_carries_the_key_as_its_scheme_says(scheme: Any, headers: dict[str, str]) -> None:
    """Made once for all looks of an account."""
    lane = NotedLane()

    await wire_over(lane, scheme).look(Call.get("/jobs/{id}", id="7-a"))

    assert lane.asked == [(f"{BASE}/jobs/7-a", headers)]


async def test_a_key_in_the_query_or_a_minted_one_is_made_for_each_look() -> None:
    """And the address with the key stays out of errors."""

    class Losing(NotedLane):
        async def look(self, url: str, headers: Mapping[str, str]) -> Answer:
            await super().look(url, headers)
            raise lost(url, "ReadError", "gone")

    lane = Losing()

    with pytest.raises(ReplyLost) as caught:
        await wire_over(lane, QueryKey(name="key")).look(Call.get("/jobs/7", params={"full": "yes", "none": None}))
    with pytest.raises(ReplyLost):
        await wire_over(lane, SignedToken()).look(Call.get("/jobs/7"))

    assert lane.asked[0][0] == f"{BASE}/jobs/7?full=yes&key=id%3Asesame"
    assert lane.asked[1][1]["Authorization"].count(".") == 2
    assert "sesame" not in str(caught.value)


async def test_further_headers_and_whole_urls_of_the_providers_own_take_the_lane_too() -> None:
    """After the check of the host."""
    lane = NotedLane()
    wire = wire_over(lane, hosts=("*.acme.example",))

    await wire.look(Call.get("/jobs/7", headers={"Accept": "application/json"}))
    await wire.look(Call.get("https://eu.acme.example/jobs/7?poll=%2F"))

    assert lane.asked[0][1] == {"Accept": "application/json", "Authorization": "Bearer id:sesame"}
    assert lane.asked[1] == ("https://eu.acme.example/jobs/7?poll=%2F", {"Authorization": "Bearer id:sesame"})


async def test_a_read_by_post_takes_the_lane_too() -> None:
    """As those do that look at many jobs with one call."""
    lane = NotedLane()

    await wire_over(lane).look(Call.query("/jobs/list", json={"ids": ["7"]}))

    assert lane.asked[0][1]["Content-Type"] == "application/json"
    assert lane.bodies == [b'{"ids": ["7"]}']


STOCK = {
    "a post that changes something": Call.write("POST", "/jobs/7", json={}),
    "no body wanted": Call.get("/jobs/7", want_body=False),
    "dots": Call.get("/jobs/{id}", id=".."),
    "quoted dots": Call.get("/jobs/%2e%2e/x"),
    "a backslash": Call.get("/jobs\\x"),
    "a foreign host": Call.get("https://cdn.example/1", signed=False),
}


@pytest.mark.parametrize("call", STOCK.values(), ids=STOCK)
@respx.mock(using="taskferry")
async def test_all_other_reads_go_over_stock_httpx(call: Call, respx_mock) -> None:
    """What the fast client reads differently, or cannot do."""
    lane = NotedLane()
    route = respx_mock.route().respond(json={})

    reply = await wire_over(lane).look(call)

    assert (reply.status, route.call_count, lane.asked) == (200, 1, [])
    assert ".." not in route.calls.last.request.url.raw_path.decode()


@pytest.mark.parametrize(
    "url", ["https://api.acme.example@evil.example/x", "https://evil.example/x", "http://api.acme.example/v1/x"]
)
async def test_no_look_takes_the_key_elsewhere(url: str) -> None:
    """However the address is written."""
    lane = NotedLane()

    with pytest.raises(CallForbidden):
        await wire_over(lane).look(Call.get(url))

    assert lane.asked == []


LIMITS = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000000030"}


async def test_replies_to_looks_tell_the_quota() -> None:
    """Against the two clocks that were handed in."""
    wire = wire_over(NotedLane(429, {**LIMITS, "retry-after": "Sun, 09 Sep 2001 01:46:50 GMT"}))

    reply = await wire.look(Call.get("/jobs/7"))

    assert reply.retry_after == 10.0
    assert (wire.quota.limit, wire.quota.remaining, wire.quota.resets_at) == (60, 0, 80.0)
    assert (wire.quota.closed_until, wire.quota.hold(50.0)) == (60.0, 30.0)


@pytest.mark.parametrize(
    ("call", "told"), [(Call.query("/jobs", json={}), 0), (Call.create("/jobs", json={}), None)], ids=["read", "create"]
)
@respx.mock(using="taskferry")
async def test_reads_on_the_other_road_tell_it_too_but_not_creates(call: Call, told: int | None, respx_mock) -> None:
    """How many jobs may be begun says nothing about how often one may look."""
    wire = wire_over(NotedLane())
    respx_mock.post(f"{BASE}/jobs").mock(return_value=httpx.Response(200, json={}, headers=LIMITS))

    await wire.send(call)

    assert wire.quota.remaining == told


class Unreadable(dict[str, str]):
    """Headers with values that are not ASCII, as pyreqwest shows them."""

    def get(self, name: str, default: Any = None) -> Any:
        raise ValueError("failed to convert header to a str")

    def __getitem__(self, name: str) -> str:
        if name == "x-name":
            raise ValueError("failed to convert header to a str")
        return super().__getitem__(name)


async def test_a_hint_that_cannot_be_read_is_none() -> None:
    """And the rest of the headers is still there."""
    wire = wire_over(NotedLane(200, Unreadable({"retry-after": "caf?", "x-name": "caf?", "x-request-id": "r1"})))

    reply = await wire.look(Call.get("/jobs/7"))

    assert (reply.retry_after, reply.trace_id, "x-name" in reply.headers) == (None, "r1", False)
