"""The wire: what leaves, with which limits, and what comes back, whatever a server does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import respx

import taskferry.testing  # noqa: F401 -- registers the mocker
from taskferry import Call, FilePart, MalformedReply, NotSent, ReplyLost, Service
from taskferry.credentials import Secret
from taskferry.transport import REPLY_LIMIT, Transport, Wire

BASE = "https://api.acme.example/v1"
ACME = Service(base_url=BASE, trace_headers=("x-trace", "x-request-id"))
NOW = 1_000_000_000.0


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    made = Transport(now=lambda: NOW)
    yield made
    await made.aclose()


@pytest.fixture
def wire(transport: Transport) -> Wire:
    return Wire(transport, ACME, BASE, Secret("sesame", "the test"))


@asynccontextmanager
async def listening(answer: Callable[[bytes], bytes]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serve raw answers on loopback; give the address, and what was received by each connection.

    `answer` is called with what a connection has received so far, and gives what to send; the connection is closed
    after an answer that says so, or that is none.
    """
    received: list[bytes] = []
    serving: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.current_task())
        place = len(received)
        received.append(b"")
        try:
            while data := await reader.read(65536):
                received[place] += data
                sent = answer(received[place])
                writer.write(sent.removeprefix(MORE))
                await writer.drain()
                if b"Connection: close" in sent or not sent:
                    break
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", received
    for task in filter(None, serving):
        task.cancel()
    await asyncio.gather(*filter(None, serving), return_exceptions=True)


MORE = b"<wait for more>"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CALLS = {
    "look": Call.get("/jobs/7"),
    "read": Call.query("/jobs", json={}),
    "create": Call.create("/jobs", json={}),
    "write": Call.write("DELETE", "/jobs/7"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@respx.mock(using="taskferry")
async def test_every_call_carries_the_key_and_the_name_of_this_program(call: Call, wire: Wire, respx_mock) -> None:
    """As headers, below the base URL."""
    route = respx_mock.route(method=call.method, url__startswith=BASE).respond(json={})

    await wire.send(call)

    headers = route.calls.last.request.headers
    assert (headers["authorization"], headers["user-agent"]) == ("Bearer sesame", "taskferry")


@pytest.mark.parametrize("value", ["..", "../../admin", "%2e%2e/x", "a?b#c"])
@respx.mock(using="taskferry")
async def test_a_value_in_a_path_cannot_climb_out_of_it_on_the_wire(value: str, wire: Wire, respx_mock) -> None:
    """The HTTP library leaves quoted dots and slashes as they are."""
    route = respx_mock.route().respond(json={})

    await wire.send(Call.get("/jobs/{id}", id=value))

    target = route.calls.last.request.url.raw_path.decode()
    assert target.startswith("/v1/jobs/")
    assert target.count("/") == 3
    assert ".." not in target.split("/")


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@respx.mock(using="taskferry")
async def test_every_call_has_time_limits_and_a_create_the_longest(call: Call, wire: Wire, respx_mock) -> None:
    """A create is waited for longest, since nobody knows what became of one that was given up."""
    route = respx_mock.route().respond(json={})

    await wire.send(call)

    longest = 120.0 if call is CALLS["create"] else 30.0
    assert route.calls.last.request.extensions["timeout"] == {
        "connect": 10.0,
        "read": longest,
        "write": longest,
        "pool": None,
    }


@respx.mock(using="taskferry")
async def test_a_reply_of_just_the_limit_is_read_and_one_byte_more_is_malformed(wire: Wire, respx_mock) -> None:
    """Counted after decompression, so that a small body cannot grow without bound."""
    route = respx_mock.get(f"{BASE}/jobs/7")
    route.side_effect = [
        httpx.Response(200, content=b"x" * REPLY_LIMIT),
        httpx.Response(200, content=b"x" * (REPLY_LIMIT + 1)),
    ]

    whole = await wire.send(CALLS["look"])

    assert len(whole.content) == REPLY_LIMIT
    with pytest.raises(MalformedReply, match="larger than 8 MiB"):
        await wire.send(CALLS["look"])


async def test_a_reply_without_end_is_given_up_at_the_limit(transport: Transport) -> None:
    """A server that never stops costs memory once."""
    endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * (REPLY_LIMIT + 2**20)

    async with listening(lambda _: endless) as (base, _):
        with pytest.raises(MalformedReply, match="larger"):
            await Wire(transport, Service(base_url=base), base, None).send(Call.get("/jobs/7"))


async def test_a_body_that_nobody_wants_is_not_read(transport: Transport) -> None:
    """The same address may give the status first and a large file then."""
    film = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: video/mp4\r\n\r\n" + b"x" * (REPLY_LIMIT + 2**20)

    async with listening(lambda _: film) as (base, _):
        wire = Wire(transport, Service(base_url=base), base, None)
        reply = await wire.send(Call.get("/jobs/7/content", want_body=False))

    assert (reply.status, reply.content, reply.headers["content-type"]) == (200, b"", "video/mp4")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_given_back_and_not_followed(status: int, wire: Wire) -> None:
    """The key would go along."""
    with respx.mock(using="taskferry", assert_all_called=False) as mocked:
        elsewhere = mocked.get("https://elsewhere.example/").respond(json={})
        mocked.get(f"{BASE}/jobs/7").respond(status, headers={"location": "https://elsewhere.example/"})
        reply = await wire.send(CALLS["look"])

    assert (reply.status, elsewhere.call_count) == (status, 0)


@pytest.mark.parametrize(
    ("headers", "trace_id"),
    [
        ({"x-request-id": "r1", "X-Trace": "t1"}, "t1"),
        ({"X-Request-Id": "r1"}, "r1"),
        ({"x-request-id": "r" * 300}, "r" * 99 + "…"),
        ({}, None),
    ],
    ids=["both", "one", "long", "none"],
)
@respx.mock(using="taskferry")
async def test_the_best_trace_id_of_a_reply_is_kept(
    headers: dict[str, str], trace_id: str | None, wire: Wire, respx_mock
) -> None:
    """For the provider's support; bounded, as all that providers send."""
    respx_mock.get(f"{BASE}/jobs/7").respond(json={}, headers=headers)

    reply = await wire.send(CALLS["look"])

    assert reply.trace_id == trace_id


@respx.mock(using="taskferry")
async def test_a_signed_address_is_not_kept_with_its_signature(wire: Wire, respx_mock) -> None:
    """Neither in the reply nor in an error."""
    respx_mock.route().side_effect = [httpx.Response(200, json={}), httpx.ReadError("gone")]
    call = Call.get("https://cdn.example/1.png?signature=shh", signed=False)

    reply = await wire.send(call)

    assert reply.url == "https://cdn.example/1.png"
    with pytest.raises(ReplyLost) as caught:
        await wire.send(call)
    assert "shh" not in str(caught.value)
    assert caught.value.__cause__ is None


CONTENT = b"\x89PNG" + b"x" * 600_000


@pytest.fixture
def fox(tmp_path: Path) -> Path:
    path = tmp_path / "fox.png"
    path.write_bytes(CONTENT)
    return path


@respx.mock(using="taskferry")
async def test_a_file_goes_as_a_part_beside_plain_fields(fox: Path, wire: Wire, respx_mock) -> None:
    """Read from disk while it is sent, under its own name and type."""
    route = respx_mock.post(f"{BASE}/jobs").respond(json={})

    await wire.send(Call.create("/jobs", json={"prompt": "a fox"}, files=[FilePart(path=fox, name="image")]))

    request = route.calls.last.request
    body = request.content
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="image"; filename="fox.png"\r\nContent-Type: image/png\r\n' in body
    assert b'name="prompt"\r\n\r\na fox\r\n' in body
    assert CONTENT in body


async def test_a_file_goes_as_the_whole_body_with_its_length_and_without_the_key(
    fox: Path, transport: Transport
) -> None:
    """Presigned stores take neither chunks nor strangers' headers."""

    def stored(received: bytes) -> bytes:
        return OK if received.endswith(CONTENT) else MORE

    async with listening(stored) as (base, received):
        wire = Wire(transport, ACME, "http://localhost:1", Secret("sesame", "the test"))
        reply = await wire.send(Call.upload(f"{base}/put?sig=1", FilePart(path=fox), whole_body=True, signed=False))

    head, _, body = received[0].partition(b"\r\n\r\n")
    assert (reply.status, body) == (200, CONTENT)
    assert head.startswith(b"PUT /put?sig=1 HTTP/1.1\r\n")
    assert b"\r\nContent-Type: image/png" in head
    assert b"\r\nContent-Length: %d" % len(CONTENT) in head
    assert b"transfer-encoding" not in head.lower()
    assert b"authorization" not in head.lower()


async def test_a_create_never_rides_on_a_connection_that_was_kept(transport: Transport) -> None:
    """One that the server has just closed would look like a lost reply; reads share theirs."""
    async with listening(lambda _: OK) as (base, received):
        wire = Wire(transport, Service(base_url=base), base, None)
        for name in ("look", "look", "create", "create"):
            await wire.send(CALLS[name])

    assert [connection.count(b"HTTP/1.1\r\n") for connection in received] == [2, 1, 1]


async def test_nobody_listening_proves_that_nothing_was_sent(transport: Transport) -> None:
    """Alone: a server that hangs up without a word proves nothing."""
    async with listening(lambda _: b"") as (base, _):
        pass

    with pytest.raises(NotSent, match="could not connect"):
        await Wire(transport, Service(base_url=base), base, None).send(CALLS["create"])


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{}"])
async def test_a_reply_that_breaks_off_is_lost(answer: bytes, transport: Transport) -> None:
    """Whether it never began or stopped in the middle."""
    async with listening(lambda _: answer) as (base, _):
        with pytest.raises(ReplyLost):
            await Wire(transport, Service(base_url=base), base, None).send(CALLS["create"])


@pytest.mark.parametrize("length", ["7", "nonsense", None])
@respx.mock(using="taskferry")
async def test_a_download_is_streamed_with_its_length_where_that_is_told(
    length: str | None, transport: Transport, respx_mock
) -> None:
    """Without following a redirect, and with the headers it was given."""
    headers = {} if length is None else {"content-length": length}
    route = respx_mock.get("https://cdn.example/1.png")
    route.mock(return_value=httpx.Response(200, headers=headers, stream=httpx.ByteStream(b"content")))

    async with transport.download("https://cdn.example/1.png", {"x-key": "k"}) as download:
        content = b"".join([chunk async for chunk in download.chunks()])

    assert (content, download.length) == (b"content", 7 if length == "7" else None)
    assert route.calls.last.request.headers["x-key"] == "k"
