"""Both roads of status reads, against real sockets: the same answers, the same limits, and errors that tell no key."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from taskferry import MalformedReply, NotSent, ReplyLost, WireError
from taskferry.transport import REPLY_LIMIT, Lane, Transport, why_not_native
from taskferry.transport.native import NativeLane
from taskferry.transport.roads import open_lane
from taskferry.transport.sharded import ShardedLane, small_pools
from tls_servers import https, make_certificate

KEY = {"Authorization": "Bearer sesame"}
CERTIFICATES = httpx.create_ssl_context()


def native() -> Lane:
    return NativeLane(CERTIFICATES.get_ca_certs(binary_form=True), "taskferry")


def sharded() -> Lane:
    return ShardedLane(small_pools(CERTIFICATES, proxied=False), "taskferry")


def proxied() -> Lane:
    """What is used where a proxy is set; here none is."""
    return ShardedLane(small_pools(CERTIFICATES, proxied=True), "taskferry")


@pytest.fixture(params=[native, sharded, proxied], ids=lambda make: make.__name__)
async def lane(request: pytest.FixtureRequest) -> AsyncIterator[Lane]:
    made = request.param()
    yield made
    await made.aclose()


@asynccontextmanager
async def answering(answer: bytes, *, close: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answer every request on loopback alike; give the base URL, and what was asked."""
    asked: list[bytes] = []
    serving: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked.append(head)
                writer.write(answer)
                await writer.drain()
                if close:
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return  # the client, or the test, is done
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    for task in filter(None, serving):
        task.cancel()
    await asyncio.gather(*filter(None, serving), return_exceptions=True)


def reply(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


async def test_a_look_brings_status_body_and_headers_and_sends_what_it_was_given(lane: Lane) -> None:
    """Names of headers are found in small letters, whatever the server wrote."""
    async with answering(reply(b'{"a":1}', "X-Request-ID: r1", status="404 Not Found")) as (base, asked):
        status, body, headers = await lane.look(f"{base}/jobs/7?x=1", KEY)

    assert (status, body, headers.get("x-request-id")) == (404, b'{"a":1}', "r1")
    lines = asked[0].lower().split(b"\r\n")
    assert lines[0] == b"get /jobs/7?x=1 http/1.1"
    assert {b"authorization: bearer sesame", b"user-agent: taskferry"} <= set(lines)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"
PACKED = gzip.compress(b"abcdef")


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (CHUNKED, b"abcdef"),
        (reply(PACKED, "Content-Encoding: gzip"), b"abcdef"),
        (reply(b"", status="204 No Content"), b""),
        (reply(b"x" * REPLY_LIMIT), b"x" * REPLY_LIMIT),
    ],
    ids=["chunked", "gzip", "empty", "at the limit"],
)
async def test_a_body_comes_whole_however_it_was_sent(answer: bytes, body: bytes, lane: Lane) -> None:
    """Up to the limit."""
    async with answering(answer) as (base, _):
        assert (await lane.look(f"{base}/", {}))[1] == body


ENDLESS = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * (REPLY_LIMIT + 2**20)


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"x" * (REPLY_LIMIT + 1)),
        reply(gzip.compress(b"x" * (REPLY_LIMIT + 1)), "Content-Encoding: gzip"),
        ENDLESS,
    ],
    ids=["told", "packed", "endless"],
)
async def test_a_body_over_the_limit_is_malformed(answer: bytes, lane: Lane) -> None:
    """Counted after it was unpacked."""
    async with answering(answer, close=True) as (base, _):
        with pytest.raises(MalformedReply, match="larger than 8 MiB"):
            await lane.look(f"{base}/", {})


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Le", reply(b"{}")[:-1], b"NONSENSE\r\n\r\n"],
    ids=["none", "half a head", "half a body", "nonsense"],
)
async def test_a_reply_that_breaks_off_is_lost_and_never_proof_that_nothing_was_sent(answer: bytes, lane: Lane) -> None:
    """A fast client calls this a failed connect."""
    async with answering(answer, close=True) as (base, _):
        with pytest.raises(ReplyLost) as caught:
            await lane.look(f"{base}/jobs/7?key=sesame", KEY)

    assert "/jobs/7: the reply was lost" in str(caught.value)
    assert "sesame" not in str(caught.value)


async def test_what_cannot_be_unpacked_is_an_error_of_the_wire(lane: Lane) -> None:
    """As every error of a lane."""
    async with answering(reply(b"not gzip", "Content-Encoding: gzip")) as (base, _):
        with pytest.raises(WireError):
            await lane.look(f"{base}/", {})


async def test_nobody_listening_is_a_lost_reply(lane: Lane) -> None:
    """Only the road of creates may say that nothing was received."""
    async with answering(b"") as (base, _):
        pass

    with pytest.raises(ReplyLost) as caught:
        await lane.look(f"{base}/", KEY)
    assert not isinstance(caught.value, NotSent)


@pytest.mark.parametrize(
    ("url", "headers"),
    [("http://127.0.0.1:9/", {"Authorization": "Bearer sesame\r\nX: y"}), ("http://[sesame/", {})],
    ids=["header", "address"],
)
async def test_what_cannot_be_sent_is_not_quoted(url: str, headers: dict[str, str], lane: Lane) -> None:
    """It may be a key."""
    with pytest.raises(WireError) as caught:
        await lane.look(url, headers)

    assert "Bearer" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_redirect_is_given_back_and_no_cookie_is_kept(lane: Lane) -> None:
    """The key would go along, and one account's cookie with another's look."""
    moved = reply(b"", "Location: /elsewhere", "Set-Cookie: session=sesame; Path=/", status="302 Found")

    async with answering(moved) as (base, asked):
        statuses = [(await lane.look(f"{base}/", KEY))[0] for _ in range(2)]

    assert statuses == [302, 302]
    assert len(asked) == 2
    assert b"cookie" not in asked[1].lower()


async def test_a_header_that_is_not_ascii_spoils_nothing(lane: Lane) -> None:
    """The body is what a look is for."""
    async with answering(reply(b"{}", "X-Name: café", "X-Request-ID: r1")) as (base, _):
        status, body, headers = await lane.look(f"{base}/", {})

    assert (status, body, headers.get("x-request-id")) == (200, b"{}", "r1")


async def test_many_looks_at_once_share_connections(lane: Lane) -> None:
    """More than the small pools have connections."""
    async with answering(reply(b"{}")) as (base, asked):
        answers = await asyncio.gather(*(lane.look(f"{base}/jobs/{number}", KEY) for number in range(150)))

    assert {status for status, _, _ in answers} == {200}
    assert len(asked) == 150


async def test_a_look_that_is_given_up_leaves_the_lane_in_order(lane: Lane) -> None:
    """As when a process stops watching."""
    async with answering(b"") as (silent, asked), answering(reply(b"{}")) as (base, _):
        look = asyncio.create_task(lane.look(f"{silent}/", {}))
        while not asked:
            await asyncio.sleep(0)
        look.cancel()
        with pytest.raises(asyncio.CancelledError):
            await look
        status, _, _ = await lane.look(f"{base}/", {})

    assert status == 200


async def test_looks_leave_no_line_in_the_logs(caplog: pytest.LogCaptureFixture) -> None:
    """There are thousands of them."""
    caplog.set_level(logging.INFO)

    async with answering(reply(b"{}")) as (base, _):
        for make in (native, sharded):
            lane = make()
            await lane.look(f"{base}/", KEY)
            await lane.aclose()

    assert caplog.text == ""


@pytest.mark.parametrize("make", [native, sharded])
def test_lanes_follow_one_another_in_loops_of_their_own(make: Callable[[], Lane]) -> None:
    """As in a process that opens several ferries."""

    async def once() -> int:
        lane = make()
        async with answering(reply(b"{}")) as (base, _):
            status, _, _ = await lane.look(f"{base}/", {})
        await lane.aclose()
        return status

    assert [asyncio.run(once()) for _ in range(3)] == [200, 200, 200]


@pytest.fixture
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"]
    for name in [*names, *map(str.lower, names)]:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("HTTPS_PROXY", "http://127.0.0.1:9", "a proxy is set for https"),
        ("all_proxy", "http://127.0.0.1:9", "a proxy is set for all"),
        ("SSL_CERT_FILE", "own.pem", "SSL_CERT_FILE names other certificates"),
        ("SSL_CERT_DIR", "own", "SSL_CERT_DIR names other certificates"),
    ],
)
@pytest.mark.usefixtures("plain_environment")
def test_the_environment_may_want_what_only_httpx_does_the_same_way(
    name: str, value: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then looks go over httpx, as everything else."""
    monkeypatch.setenv(name, value)

    assert reason in str(why_not_native())
    assert isinstance(open_lane(CERTIFICATES, "taskferry", None), ShardedLane)


@pytest.mark.parametrize("name", ["NO_PROXY", "SSL_CERT_FILE"])
@pytest.mark.usefixtures("plain_environment")
def test_otherwise_the_native_lane_is_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the system's own certificates are named, as many images do."""
    monkeypatch.setenv(name, "localhost" if name == "NO_PROXY" else "/etc/ssl/certs/ca-certificates.crt")

    assert why_not_native() is None
    assert isinstance(open_lane(CERTIFICATES, "taskferry", None), NativeLane)


async def test_a_transport_of_the_callers_takes_all_looks() -> None:
    """As a client of their own, or a mock."""
    transport = Transport(
        look_transport=httpx.MockTransport(lambda request: httpx.Response(418, text=request.url.path))
    )

    answer = await transport.lane.look("https://api.acme.example/x", {})
    await transport.aclose()

    assert answer[:2] == (418, b"/x")


async def test_a_certificate_that_nobody_vouches_for_is_refused(lane: Lane, tmp_path: Path) -> None:
    """On each road, before anything is sent."""
    certificate = make_certificate(tmp_path / "server.pem", ["127.0.0.1"])

    async with https(certificate, b"{}") as server:
        with pytest.raises(ReplyLost, match=r"(?i)certificate"):
            await lane.look(f"https://127.0.0.1:{server.port}/", KEY)

    assert server.requests == []


@pytest.mark.usefixtures("plain_environment")
async def test_a_certificate_of_ones_own_is_trusted_where_the_environment_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a company's network."""
    certificate = make_certificate(tmp_path / "server.pem", ["127.0.0.1"])
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    transport = Transport()

    async with https(certificate, b"{}") as server:
        status, _, _ = await transport.lane.look(f"https://127.0.0.1:{server.port}/", KEY)
    await transport.aclose()

    assert status == 200
