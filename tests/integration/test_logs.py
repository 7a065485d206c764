"""What reaches the logs: addresses without their query, and no key."""

from __future__ import annotations

import logging

import httpx
import pytest
import respx

import taskferry.testing  # noqa: F401 -- registers the mocker
from taskferry import Call, QueryKey, Service
from taskferry.credentials import Secret
from taskferry.transport import Transport, Wire

BASE = "https://api.acme.example"


@respx.mock(using="taskferry")
async def test_a_key_in_the_query_is_not_logged(caplog: pytest.LogCaptureFixture, respx_mock) -> None:
    """Not by us, and not by httpx, which logs each request's address."""
    caplog.set_level(logging.DEBUG)
    route = respx_mock.get(f"{BASE}/jobs").respond(json={})
    transport = Transport()
    wire = Wire(transport, Service(base_url=BASE, scheme=QueryKey(name="key")), BASE, Secret("sesame", "the test"))

    await wire.send(Call.get("/jobs", params={"limit": 3}))
    await transport.aclose()

    assert httpx.QueryParams(route.calls.last.request.url.query) == httpx.QueryParams("limit=3&key=sesame")
    assert f"{BASE}/jobs" in caplog.text
    assert "sesame" not in caplog.text
