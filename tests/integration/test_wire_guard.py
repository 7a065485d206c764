"""The mocker that plugin authors get sees every call of taskferry, and a call that it was not told of fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import respx

import taskferry.testing  # noqa: F401 -- registers the mocker
from taskferry import Call, Service
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
@pytest.mark.parametrize("road", ROADS)
async def test_as_long_as_both_roads_are_stock_httpx_respxs_own_mockers_see_them_too(
    road: Road, using: str, wire: Wire
) -> None:
    """Whoever takes another client for looks sees here what `using="taskferry"` is for."""
    with respx.mock(using=using) as mocked:
        route = mocked.route(url=f"{BASE}/x").mock(return_value=httpx.Response(204))
        status = await road(wire)

    assert (status, route.call_count) == (204, 1)
