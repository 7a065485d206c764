"""The mocker that plugin authors get sees every call of taskferry, and a call that it was not told of fails."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import respx

import taskferry.testing  # noqa: F401 -- registers the mocker
from taskferry import Call, ReplyLost, Service
from taskferry.transport import Transport, Wire

BASE = "https://api.acme.example"


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    transport = Transport()
    yield Wire(transport, Service(base_url=BASE), BASE, None)
    await transport.aclose()


async def look(wire: Wire) -> object:
    return (await wire.look(Call.get("/x"))).status


async def read(wire: Wire) -> object:
    return (await wire.send(Call.get("/x"))).status


async def create(wire: Wire) -> object:
    return (await wire.send(Call.create("/x"))).status


async def write(wire: Wire) -> object:
    return (await wire.send(Call.write("DELETE", "/x"))).status


async def download(wire: Wire) -> object:
    async with wire._transport.download(f"{BASE}/x", {}) as opened:
        return opened.status


Road = Callable[[Wire], Awaitable[object]]
ROADS: list[Road] = [look, read, create, write, download]


@pytest.mark.parametrize("road", ROADS)
async def test_the_mocker_sees_every_road(road: Road, wire: Wire) -> None:
    """Looks, creates, writes and downloads."""
    with respx.mock(using="taskferry") as mocked:
        route = mocked.route(url=f"{BASE}/x").respond(204)
        status = await road(wire)

    assert (status, route.call_count) == (204, 1)


@pytest.mark.parametrize("road", ROADS)
async def test_a_call_that_the_mocker_was_not_told_of_fails_and_reaches_no_network(road: Road, wire: Wire) -> None:
    """As a failed test, and not as an error of the wire that the engine would work around."""
    with respx.mock(using="taskferry", assert_all_called=False) as mocked:
        mocked.get("https://other.example/").respond(204)
        with pytest.raises(AssertionError, match="not mocked"):
            await road(wire)


async def test_a_route_that_nothing_called_fails() -> None:
    """So a road that the mocker missed would be noticed even if the network answered."""
    with pytest.raises(AssertionError, match="not called"), respx.mock(using="taskferry") as mocked:
        mocked.get(f"{BASE}/x").respond(204)


async def test_a_route_may_let_a_call_pass_to_a_server_of_the_test() -> None:
    """As a stand-in on loopback."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    transport = Transport()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with respx.mock(using="taskferry") as mocked:
            mocked.route(host="127.0.0.1").pass_through()
            reply = await Wire(transport, Service(base_url=base), base, None).look(Call.get("/x"))
    await transport.aclose()

    assert reply.status == 204


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
@pytest.mark.parametrize("road", ROADS[1:])
async def test_respxs_own_mockers_see_the_road_of_stock_httpx(road: Road, using: str, wire: Wire) -> None:
    """All but looks."""
    with respx.mock(using=using) as mocked:
        route = mocked.route(url=f"{BASE}/x").mock(return_value=httpx.Response(204))
        status = await road(wire)

    assert (status, route.call_count) == (204, 1)


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
async def test_respxs_own_mockers_miss_looks_and_that_fails(using: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is what `using="taskferry"` is for."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    transport = Transport()
    nobody = "http://127.0.0.1:9"
    wire = Wire(transport, Service(base_url=nobody), nobody, None)

    with respx.mock(using=using, assert_all_called=False) as mocked:
        route = mocked.route(url=f"{nobody}/x").respond(204)
        with pytest.raises(ReplyLost):
            await look(wire)
    await transport.aclose()

    assert route.call_count == 0


@pytest.mark.parametrize("extra", ["with", "without"])
async def test_the_mocker_sees_looks_with_and_without_the_extra(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane that was opened before the mocker is seen as well."""
    if extra == "without":
        monkeypatch.setitem(sys.modules, "pyreqwest", None)
    transport = Transport()
    wire = Wire(transport, Service(base_url=BASE), BASE, None)
    opened = transport.lane

    with respx.mock(using="taskferry") as mocked:
        mocked.get(f"{BASE}/x").respond(204)
        status = await look(wire)
    await transport.aclose()

    assert (status, type(opened).__name__) == (204, "NativeLane" if extra == "with" else "ShardedLane")


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout])
async def test_an_error_that_a_test_plays_reaches_looks_as_it_would_on_their_lane(
    error: type[Exception], wire: Wire
) -> None:
    """As a lost reply: no look is proof that nothing was sent."""
    with respx.mock(using="taskferry") as mocked:
        mocked.get(f"{BASE}/x").mock(side_effect=error("gone"))
        with pytest.raises(ReplyLost, match="gone"):
            await look(wire)
