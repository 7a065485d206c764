"""Where an artifact is fetched from: redirects, plain HTTP, data URLs, and where the key goes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

import artifact_bench
import media_samples as media
from artifact_bench import FOX, GLB, KEY, URL, Bench
from taskferry.adapter import HeaderKey, Service
from taskferry.errors import ArtifactError, CallForbidden
from taskferry.task import Artifact, Kind
from taskferry.transport import Wire


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A store and the web."""
    with artifact_bench.bench(tmp_path) as made:
        yield made


async def test_no_key_goes_along_unless_it_is_needed(bench: Bench) -> None:
    """Not even to the provider's own host."""
    url = "https://api.acme.example/v1/files/1"
    route = bench.web.get(url).respond(content=GLB)

    await bench.keep(evolve(FOX, url=url))

    assert "authorization" not in route.calls.last.request.headers


async def test_a_key_that_is_needed_goes_to_the_providers_own_host_and_not_on(bench: Bench) -> None:
    """A redirect loses it, whether it leads to another host or not."""
    own, other = "https://files.acme.example/1", "https://files.acme.example/2"
    first = bench.web.get(own).respond(302, headers={"Location": other})
    second = bench.web.get(other).respond(307, headers={"Location": URL})
    third = bench.web.get(URL).respond(content=GLB)

    await bench.keep(evolve(FOX, url=own, needs_key=True))

    assert first.calls.last.request.headers["authorization"] == f"Bearer {KEY}"
    for later in (second, third):
        assert KEY not in str(later.calls.last.request.headers)


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "https://api.acme.example.evil.example/1",
        "https://evil.example/api.acme.example",
        "https://files.acme.example:8443/1",
    ],
)
async def test_a_foreign_host_never_sees_the_key(bench: Bench, url: str) -> None:
    """The call is stopped before it leaves."""
    with pytest.raises(CallForbidden, match="not a host of the provider"):
        await bench.keep(evolve(FOX, url=url, needs_key=True))

    assert bench.web.calls.call_count == 0
    assert bench.names == []


async def test_a_key_in_a_header_of_its_own_is_not_redirected_either(bench: Bench) -> None:
    """HTTP clients only ever drop `Authorization` by themselves."""
    own = "https://api.acme.example/1"
    first = bench.web.get(own).respond(302, headers={"Location": URL})
    second = bench.web.get(URL).respond(content=GLB)

    await bench.keep(evolve(FOX, url=own, needs_key=True), wire=artifact_bench.wire(HeaderKey(name="x-api-key")))

    assert first.calls.last.request.headers["x-api-key"] == KEY
    assert "x-api-key" not in second.calls.last.request.headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(bench: Bench, status: int) -> None:
    """Also to a path of the same host."""
    bench.web.get(URL).respond(status, headers={"Location": "/moved"})
    bench.web.get("https://cdn.example/moved").respond(content=GLB)

    kept = await bench.keep()

    assert kept.path == bench.folder / "model.glb"
    assert kept.url == URL


def redirecting(bench: Bench, hops: int) -> Artifact:
    """An artifact that is served after so many redirects."""
    for hop in range(hops):
        bench.web.get(f"https://cdn.example/{hop}").respond(302, headers={"Location": f"/{hop + 1}"})
    bench.web.get(f"https://cdn.example/{hops}").respond(content=GLB)
    return evolve(FOX, url="https://cdn.example/0")


async def test_five_redirects_are_followed(bench: Bench) -> None:
    """Object stores behind several doors need two or three."""
    kept = await bench.keep(redirecting(bench, 5))

    assert kept.size == len(GLB)


async def test_a_sixth_redirect_is_not_followed(bench: Bench) -> None:
    """So many are a loop."""
    with pytest.raises(ArtifactError, match=r"cdn\.example redirects more than 5 times"):
        await bench.keep(redirecting(bench, 6))

    assert bench.web.calls.call_count == 6


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("http://cdn.example/fox.glb", "only https"),
        ("http://127.0.0.1:8080/secrets", "only https"),
        ("http://169.254.169.254/latest/meta-data", "only https"),
        ("file:///etc/passwd", "its address is none"),
        ("ftp://cdn.example/fox.glb", "only https"),
        ("https://user:word@cdn.example/fox.glb", "carries a user name"),
        ("https://[cdn.example/", "redirects to no address"),
        ("https://cdn.example:99999/", "its address is none"),
        ("", "redirects to nowhere"),
        ("https://10.0.0.1/1", "no public address"),
        ("//169.254.169.254/latest", "no public address"),
        ("https://0x7f.1/", "no public address"),
        ("https://127.0.0.1:8080/secrets", "no public address"),
    ],
)
async def test_redirects_lead_only_to_https(bench: Bench, location: str, said: str) -> None:
    """Nothing on the way may read or change a file, or reach into this machine."""
    bench.web.get(URL).respond(302, headers={"Location": location})

    with pytest.raises(ArtifactError, match=said):
        await bench.keep()

    assert bench.web.calls.call_count == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (None, "gave no address"),
        ("http://cdn.example/fox.glb", "only https"),
        ("file:///etc/passwd", "its address is none"),
        ("/fox.glb", "its address is none"),
        ("https://cdn.example/\x00", "its address is none"),
        ("https://cdn.example/" + "x" * 70_000, "its address is none"),
        ("https://[", "its address is none"),
        ("https://cdn.example\\.evil.example/1", "no plain name"),
        ("https://cdn.example%2f.evil.example/1", "no plain name"),
        ("https://cdn.example%00/1", "no plain name"),
        ("https://[fe80::1%25eth0]/1", "no plain name"),
        ("https://10.0.0.1/1", "no public address"),
        ("https://169.254.169.254/latest/meta-data", "no public address"),
        ("https://[fd00:ec2::254]/latest", "no public address"),
        ("https://[::ffff:10.0.0.1]/1", "no public address"),
        ("https://[64:ff9b::a9fe:a9fe]/1", "no public address"),
        ("https://2852039166/latest", "no public address"),
        ("https://0xa9fea9fe/latest", "no public address"),
        ("https://localhost/1", "no public address"),
    ],
)
async def test_a_url_that_is_not_https_is_not_fetched(bench: Bench, url: str | None, said: str) -> None:
    """Nor one that is none at all."""
    with pytest.raises(ArtifactError, match=said):
        await bench.keep(evolve(FOX, url=url))

    assert bench.web.calls.call_count == 0


async def test_this_machine_may_serve_a_stand_ins_files_over_plain_http(bench: Bench) -> None:
    """Redirects within this machine included; a provider elsewhere may not send us to our own ports."""
    bench.web.get("http://127.0.0.1:8080/1").respond(302, headers={"Location": "http://localhost:8081/2"})
    bench.web.get("http://localhost:8081/2").respond(content=GLB)

    stand_in = Wire(artifact_bench.transport(), Service(base_url="https://acme.example"), "http://127.0.0.1:8080", None)

    kept = await bench.keep(evolve(FOX, url="http://127.0.0.1:8080/1"), wire=stand_in)

    assert kept.size == len(GLB)
    with pytest.raises(ArtifactError, match="only https"):
        await bench.keep(evolve(FOX, url="http://127.0.0.1:8080/1"))


@pytest.mark.parametrize(
    ("url", "suffix", "content"),
    [
        (f"data:image/png;base64,{base64.b64encode(media.png()).decode()}", ".png", media.png()),
        (f"data:;base64,{base64.b64encode(media.png()).decode().rstrip('=')}", ".png", media.png()),
        ("DATA:image/svg+xml,%3Csvg%20xmlns='x'/%3E", ".svg", b"<svg xmlns='x'/>"),
    ],
)
async def test_a_url_that_holds_the_content_is_decoded(bench: Bench, url: str, suffix: str, content: bytes) -> None:
    """Some providers send small results along."""
    kept = await bench.keep(Artifact(name="image", kind=Kind.IMAGE, url=url))

    assert kept.path == bench.folder / f"image{suffix}"
    assert kept.path.read_bytes() == content


@pytest.mark.parametrize("url", ["data:image/png;base64,%%%", "data:image/png", "data:image/png;base64,"])
async def test_a_url_that_holds_nonsense_is_refused(bench: Bench, url: str) -> None:
    """It says that and what it should have been."""
    with pytest.raises(ArtifactError, match=r"no comma|not base64|is empty"):
        await bench.keep(Artifact(name="image", kind=Kind.IMAGE, url=url))

    assert bench.names == []


async def test_a_provider_on_a_private_network_serves_its_own_files_and_no_others(bench: Bench) -> None:
    """Whoever set the base URL meant that host; its neighbours are not meant."""
    own = Wire(artifact_bench.transport(), Service(base_url="https://acme.example"), "https://10.0.0.5/v1", None)
    bench.web.get("https://10.0.0.5/files/1").respond(content=GLB)

    kept = await bench.keep(evolve(FOX, url="https://10.0.0.5/files/1"), wire=own)

    assert kept.size == len(GLB)
    with pytest.raises(ArtifactError, match="no public address"):
        await bench.keep(evolve(FOX, url="https://10.0.0.6/files/1"), wire=own)


async def test_an_artifacts_name_is_harmless_in_messages_and_comes_back_as_it_was(bench: Bench) -> None:
    """It is the provider's word."""
    name = "fox\x1b[31m\u202e" + "x" * 300
    bench.web.get(URL).respond(410)

    with pytest.raises(ArtifactError) as caught:
        await bench.keep(evolve(FOX, name=name))
    bench.web.get(URL).respond(content=GLB)
    kept = await bench.keep(evolve(FOX, name=name))

    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 250
    assert kept.name == name
