"""Whom a download connects to and trusts: on real sockets, with real certificates."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest

import media_samples as media
from taskferry.adapter import Service
from taskferry.artifacts import Store
from taskferry.call import Call
from taskferry.clock import SystemClock
from taskferry.errors import ArtifactError, CallForbidden, ReplyLost
from taskferry.task import Artifact, Kind
from taskferry.testing import VirtualClock
from taskferry.transport import Transport, Wire
from taskferry.transport.addresses import is_public
from taskferry.transport.download import Download
from taskferry.transport.guarded import Address, Guard, GuardedClients
from tls_servers import Server, https, make_certificate, tcp

PNG = media.png()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for a name and for this machine that nobody has signed."""
    return make_certificate(tmp_path / "server.pem", ["cdn.example", "localhost", "127.0.0.1"])


@pytest.fixture
async def server(certificate: Path) -> AsyncIterator[Server]:
    """A server on loopback that sends a picture."""
    async with https(certificate, PNG) as serving:
        yield serving


class Resolver:
    """Names and what they lead to, one answer after the other."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.asked: list[str] = []
        self._answers = iter(answers)

    async def __call__(self, host: str, _: int) -> Sequence[str]:
        self.asked.append(host)
        return next(self._answers)


def loopback_is_public(address: Address) -> bool:
    """Let this machine stand for the internet."""
    return address.is_loopback or is_public(address)


def clients(resolver: Resolver, certificate: Path | None = None) -> GuardedClients:
    """Clients behind a guard whose names lead where the test says."""
    trusted = ssl.create_default_context(cafile=certificate)
    return GuardedClients(trusted, {}, guard=Guard(resolver, loopback_is_public))


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], ["169.254.169.254"], ["fd00:ec2::254"], ["::ffff:192.168.0.1"], ["1.1.1.1", "192.168.0.1"]],
)
async def test_a_name_that_leads_into_a_private_network_is_not_connected_to(addresses: list[str]) -> None:
    """Nor one that leads there among others, as names do that change from one look to the next."""
    resolver = Resolver(addresses)

    with pytest.raises(CallForbidden, match=r"cdn\.example is not connected to: it leads to .* no public address"):
        await clients(resolver).client_for("https://cdn.example/1").get("https://cdn.example/1")

    assert resolver.asked == ["cdn.example"]


async def test_the_connection_goes_to_the_address_that_was_checked(server: Server, certificate: Path) -> None:
    """The name is looked up once, and still is what the certificate has to be for and what the server hears."""
    resolver = Resolver(["127.0.0.1"], ["10.0.0.1"])
    url = f"https://cdn.example:{server.port}/fox.png"

    reply = await clients(resolver, certificate).client_for(url).get(url)

    assert reply.content == PNG
    assert resolver.asked == ["cdn.example"]
    assert server.names == ["cdn.example"]
    assert f"Host: cdn.example:{server.port}" in server.requests[0]


async def test_a_certificate_for_another_name_is_refused(server: Server, certificate: Path) -> None:
    """Although the address is right."""
    url = f"https://evil.example:{server.port}/fox.png"

    with pytest.raises(httpx.ConnectError, match="Hostname mismatch"):
        await clients(Resolver(["127.0.0.1"]), certificate).client_for(url).get(url)

    assert server.requests == []


async def test_the_next_address_is_tried_when_one_does_not_answer(server: Server, certificate: Path) -> None:
    """As when IPv6 leads nowhere."""
    url = f"https://cdn.example:{server.port}/fox.png"

    reply = await clients(Resolver(["::1", "127.0.0.1"]), certificate).client_for(url).get(url)

    assert reply.status_code == 200


async def test_a_name_without_an_address_was_never_reached() -> None:
    """It is told as any connection that could not be made."""

    async def unknown(_: str, __: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    guarded = GuardedClients(ssl.create_default_context(), {}, guard=Guard(unknown))

    with pytest.raises(httpx.ConnectError, match=r"cdn\.example cannot be resolved: Name or service not known"):
        await guarded.client_for("https://cdn.example").get("https://cdn.example")


async def test_a_resolver_that_hangs_is_left() -> None:
    """Within the time for connecting."""

    async def hanging(_: str, __: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    guarded = GuardedClients(ssl.create_default_context(), {}, guard=Guard(hanging))

    with pytest.raises(httpx.ConnectTimeout):
        await guarded.client_for("https://cdn.example").get("https://cdn.example", timeout=0.01)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "[::ffff:a00:1]", "169.254.169.254", "localhost"])
def test_a_host_that_is_an_address_needs_no_looking_up(host: str) -> None:
    """So that it is refused behind a proxy too, which would resolve names itself."""
    with pytest.raises(CallForbidden, match="is not connected to"):
        clients(Resolver()).client_for(f"https://{host}/x")


async def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """It resolves names itself; hosts that it is not for are connected to directly, behind the guard."""
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with tcp(proxy) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "own.example")
        guarded = clients(Resolver(["10.0.0.1"]))
        with pytest.raises(httpx.ProxyError):
            await guarded.client_for("https://cdn.example/1").get("https://cdn.example/1")
        with pytest.raises(CallForbidden):
            await guarded.client_for("https://own.example/1").get("https://own.example/1")
        await guarded.aclose()

    assert asked == [b"CONNECT cdn.example:443 HTTP/1.1\r\n"]


async def fetched(base_url: str, url: str, folder: Path) -> Artifact:
    """Keep a picture that a provider at the base URL names."""
    transport = Transport()
    wire = Wire(transport, Service(base_url="https://api.acme.example"), base_url, None)
    store = Store(transport, folder, clock=SystemClock())
    try:
        return await store.keep(Artifact(name="image", kind=Kind.IMAGE, url=url), folder / "1", wire=wire)
    finally:
        await transport.aclose()


async def test_a_provider_on_a_private_host_may_serve_its_own_results(
    server: Server, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever set the base URL trusts it; its authority comes from the usual variable."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    base_url = f"https://localhost:{server.port}"

    kept = await fetched(base_url, f"{base_url}/fox.png", tmp_path / "files")

    assert kept.size == len(PNG)


async def test_a_certificate_that_nobody_signed_is_refused(server: Server, tmp_path: Path) -> None:
    """There is no way to switch that off."""
    base_url = f"https://localhost:{server.port}"

    with pytest.raises(ArtifactError, match="certificate verify failed"):
        await fetched(base_url, f"{base_url}/fox.png", tmp_path / "files")

    assert server.requests == []


async def test_an_unsigned_certificate_is_refused_behind_the_guard_too(server: Server) -> None:
    """The same certificates are trusted on both roads."""
    url = f"https://cdn.example:{server.port}/fox.png"

    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        await clients(Resolver(["127.0.0.1"])).client_for(url).get(url)

    assert server.requests == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "[::1]"])
async def test_another_provider_cannot_send_us_to_this_machine(
    server: Server, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """Not even over https with a certificate that is trusted here."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with pytest.raises(ArtifactError, match="no public address"):
        await fetched("https://api.acme.example", f"https://{host}:{server.port}/fox.png", tmp_path / "files")

    assert server.connections == 0


async def test_a_name_for_this_machine_does_not_help_either(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts is where a name leads; nothing is sent there."""

    async def here(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("127.0.0.1", server.port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", here)

    with pytest.raises(CallForbidden, match=r"cdn\.example is not connected to: it leads to 127\.0\.0\.1"):
        await fetched("https://api.acme.example", f"https://cdn.example:{server.port}/fox.png", tmp_path / "files")

    assert server.connections == 0


@pytest.mark.parametrize(
    "url", ["https://169.254.169.254/latest", "https://0xa9fea9fe/latest", "https://inner.example/1"]
)
async def test_a_polling_url_leads_into_no_private_network_either(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some providers give the address at which a job is looked at."""

    async def inside(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("10.0.0.1", 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", inside)
    transport = Transport()
    wire = Wire(transport, Service(base_url="https://api.acme.example"), "https://api.acme.example", None)

    for send in (wire.send, wire.look):
        with pytest.raises(CallForbidden, match="no public address"):
            await send(Call.get(url, signed=False))

    await transport.aclose()


async def drained(download: Download) -> bytes:
    """Read all that comes."""
    return b"".join([chunk async for chunk in download.chunks()])


async def test_a_download_that_stalls_is_broken_off(tmp_path: Path) -> None:
    """After so many seconds without a byte."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n12345")
        await reader.read()

    transport = Transport()

    async with tcp(silent) as port:
        async with transport.download(f"http://127.0.0.1:{port}/1", {}, foreign=False, stall=0.05) as download:
            with pytest.raises(ReplyLost, match="ReadTimeout"):
                await drained(download)
        await transport.aclose()


async def test_a_connection_that_really_breaks_is_made_again_for_the_rest(tmp_path: Path) -> None:
    """Over real sockets: half of the file, a reset, then the other half."""
    asked: list[str] = []
    content = media.riff(b"WAVE", bytes(range(256)) * 4000)
    half = len(content) // 2

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        rest = f"Range: bytes={half}-" in asked[-1]
        body = content[half:] if rest else content
        span = f"Content-Range: bytes {half}-{len(content) - 1}/{len(content)}\r\n" if rest else ""
        head = f'HTTP/1.1 {"206 Part" if rest else "200 OK"}\r\nContent-Length: {len(body)}\r\nETag: "1"\r\n{span}\r\n'
        writer.write(head.encode() + (body if rest else body[:half]))
        await writer.drain()

    transport = Transport()
    async with VirtualClock() as clock, tcp(serve) as port:
        base_url = f"http://127.0.0.1:{port}"
        store = Store(transport, tmp_path, clock=clock)
        wire = Wire(transport, Service(base_url=base_url), base_url, None)
        artifact = Artifact(name="track", kind=Kind.AUDIO, url=f"{base_url}/1.wav")

        kept = await store.keep(artifact, tmp_path / "1", wire=wire)
        await transport.aclose()

    assert kept.path is not None
    assert kept.path.read_bytes() == content
    assert len(asked) == 2
    assert 'If-Range: "1"' in asked[1]
