"""A known key on the wire, by every scheme: whatever goes wrong there, no error, log, reply or repr has it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from canary import MARK, all_levels, files_with_it, holds, logs_with_it, shown, told
from contract.strange.kling import KlingAdapter
from taskferry import (
    Artifact,
    Bearer,
    Call,
    HeaderKey,
    QueryKey,
    Service,
    SignedToken,
    TaskferryError,
    failure_from_status,
)
from taskferry.artifacts import Store
from taskferry.credentials import Secret
from taskferry.exchange import fetch
from taskferry.testing import VirtualClock
from taskferry.transport import Transport, Wire

BASE = "https://api.acme.example"
KEY = f"id-{MARK}:secret-{MARK}"
SCHEMES = {
    "bearer": Bearer(),
    "header": HeaderKey(name="X-Key", prefix="Key "),
    "query": QueryKey(name="key"),
    "token": SignedToken(),
}


def raising(kind: type[httpx.TransportError]) -> Callable[[httpx.Request], Any]:
    """Lose the reply in one way, with the request in the error, as httpx does."""

    def lose(request: httpx.Request) -> httpx.Response:
        raise kind("it broke", request=request)

    return lose


def answering(status: int, text: str = "{}", **headers: str) -> Callable[[httpx.Request], Any]:
    """Answer with these."""
    return lambda request: httpx.Response(status, text=text, headers=headers)


TROUBLES = {
    "connect": raising(httpx.ConnectError),
    "read": raising(httpx.ReadError),
    "timeout": raising(httpx.ReadTimeout),
    "protocol": raising(httpx.RemoteProtocolError),
    "own protocol": raising(httpx.LocalProtocolError),
    "proxy": raising(httpx.ProxyError),
    "401": answering(401, '{"message": "bad key"}'),
    "echo": answering(401, f'{{"message": "bad key {KEY}"}}'),
    "500": answering(500, "<html>oops</html>"),
    "redirect": answering(302, location="https://evil.example/?next=1"),
    "not json": answering(200, "oops"),
    "malformed header": answering(200, "oops", **{"retry-after": "\x1bx", "content-type": "@"}),
    "badly packed": answering(200, "oops", **{"content-encoding": "gzip"}),
}


def wire_by(scheme: str, transport: Transport) -> Wire:
    """Give a wire whose key goes by a scheme."""
    return Wire(transport, Service(base_url=BASE, scheme=SCHEMES[scheme]), BASE, Secret(KEY, "the test"))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("road", ["send", "look"])
@respx.mock(using="taskferry")
async def test_trouble_on_the_wire_tells_nothing(scheme: str, trouble: str, road: str, caplog, respx_mock) -> None:
    """On either road, also where the key is a part of the address."""
    all_levels(caplog)
    route = respx_mock.route().mock(side_effect=TROUBLES[trouble])
    transport = Transport()
    wire = wire_by(scheme, transport)
    call = Call.get("/jobs/{id}", id="1") if road == "look" else Call.post("/jobs", json={"prompt": "x"})
    seen: list[object] = []

    try:
        reply = await getattr(wire, road)(call)
        seen += [*shown(reply), *shown(failure_from_status(reply)), reply.url, reply.json]
    except TaskferryError as error:
        seen += [told(error), *shown(error.args)]
    await transport.aclose()

    sent = route.calls.last.request
    assert MARK in str(sent.url) + repr(sent.headers.raw) or scheme == "token"
    assert not holds(*seen, *shown(call), *shown(wire), *shown(transport))
    assert logs_with_it(caplog.records) == []


@respx.mock(using="taskferry")
async def test_a_minted_token_is_not_shown_either(caplog, respx_mock) -> None:
    """It opens the account for half an hour."""
    all_levels(caplog)
    route = respx_mock.get(f"{KlingAdapter.service.base_url}/v1/videos/text2video/7").respond(
        401, json={"message": "no"}
    )
    transport = Transport(now=time.time)
    wire = Wire(transport, KlingAdapter.service, KlingAdapter.service.base_url, Secret(KEY, "the test"))

    with pytest.raises(TaskferryError) as refused:
        await fetch(KlingAdapter(), {"path": "/v1/videos/text2video", "task_id": "7"}, wire)
    await transport.aclose()

    token = route.calls.last.request.headers["authorization"].removeprefix("Bearer ")
    assert len(token) > 100
    assert not holds(told(refused.value))
    assert token not in told(refused.value) + caplog.text


@pytest.mark.parametrize("scheme", ["bearer", "query"])
@pytest.mark.parametrize("trouble", [*TROUBLES, None])
@respx.mock(using="taskferry")
async def test_a_result_that_needs_the_key_tells_nothing(
    scheme: str, trouble: str | None, tmp_path: Path, caplog, respx_mock
) -> None:
    """Neither its error nor its file's name nor the notes beside a part of it."""
    all_levels(caplog)
    served = answering(200, '{"a": 1}', **{"content-type": "application/json"})
    route = respx_mock.route().mock(side_effect=served if trouble is None else TROUBLES[trouble])
    transport = Transport()
    wire = wire_by(scheme, transport)
    artifact = Artifact(name="result", kind="document", url=f"{BASE}/files/1.json", needs_key=True)
    seen: list[object] = []

    try:
        async with VirtualClock() as clock:
            store = Store(transport, tmp_path, clock=clock)
            seen += shown(await store.keep(artifact, tmp_path, wire=wire))
    except TaskferryError as error:
        seen.append(told(error))
    await transport.aclose()

    assert route.called
    assert not holds(*seen)
    assert files_with_it(tmp_path) == []
    assert logs_with_it(caplog.records) == []
