"""Files inside of JSON bodies: at the wire they are whole, and before it they are a path."""

from __future__ import annotations

import base64
import json
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import respx

import taskferry.testing  # noqa: F401 -- registers the mocker
from card_driving import card, request
from taskferry import Accepted, Call, InlineFile, NotSent, Reply, Service, UsageError
from taskferry.cards import card_adapter
from taskferry.exchange import Refused, submit
from taskferry.transport import Transport, Wire
from taskferry.transport.inline import AT_MOST

BASE = "https://api.acme.example/v1"
BYTES = bytes(range(256)) * 5
TEXT = base64.b64encode(BYTES).decode()


class Journal:
    """Notes the steps of a billed call."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    async def sending(self) -> None:
        self.steps.append("sending")

    async def replied(self, reply: Reply) -> None:
        self.steps.append(f"replied {reply.status}")


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    transport = Transport()
    yield Wire(transport, Service(base_url=BASE), BASE, None)
    await transport.aclose()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "fox.png"
    path.write_bytes(BYTES)
    return path


@pytest.fixture
def huge(tmp_path: Path) -> Path:
    path = tmp_path / "huge.png"
    path.touch()
    os.truncate(path, AT_MOST + 1)
    return path


@respx.mock(using="taskferry")
async def test_a_file_is_encoded_where_it_stands(wire: Wire, picture: Path, respx_mock) -> None:
    """As a data URI or as plain base64, at any depth; all other values are untouched."""
    route = respx_mock.post(f"{BASE}/jobs").respond(json={"id": "1"})
    body = {
        "prompt": "Füchse",
        "images": [InlineFile(path=picture), {"data": InlineFile(path=picture, form="base64")}],
        "mask": InlineFile(path=picture, media_type="image/x-mask"),
    }

    await wire.send(Call.create("/jobs", json=body))

    sent = route.calls.last.request
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["content-length"] == str(len(sent.content))
    assert json.loads(sent.content) == {
        "prompt": "Füchse",
        "images": [f"data:image/png;base64,{TEXT}", {"data": TEXT}],
        "mask": f"data:image/x-mask;base64,{TEXT}",
    }


@respx.mock(using="taskferry")
async def test_a_post_that_reads_may_carry_files_too(wire: Wire, picture: Path, respx_mock) -> None:
    """It then takes the broad road."""
    route = respx_mock.post(f"{BASE}/ask").respond(json={})

    await wire.look(Call.query("/ask", json=[InlineFile(path=picture, form="base64")]))

    assert json.loads(route.calls.last.request.content) == [TEXT]


@respx.mock(using="taskferry")
async def test_a_card_sends_its_media_so_and_nothing_keeps_their_bytes(
    wire: Wire, picture: Path, respx_mock, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither logs nor the call itself."""
    caplog.set_level(logging.DEBUG)
    adapter, journal = card_adapter(card("acme")), Journal()
    route = respx_mock.post(f"{BASE}/jobs/fast/video").respond(json={"data": {"id": "j-1"}})

    asked = request(adapter, "video", prompt="x", mask=picture.as_uri(), references=[picture.as_uri()])
    accepted = await submit(adapter, asked, wire, journal)

    sent = json.loads(route.calls.last.request.content)["input"]
    assert isinstance(accepted, Accepted)
    assert (sent["mask"], sent["references"]) == (TEXT, [f"data:image/png;base64,{TEXT}"])
    assert journal.steps == ["sending", "replied 200"]
    assert TEXT[:20] not in caplog.text
    assert TEXT[:20] not in repr(next(adapter.submit(asked)).json)


@respx.mock(using="taskferry", assert_all_called=False)
async def test_files_that_are_too_large_are_refused_before_anything_is_promised(
    wire: Wire, huge: Path, respx_mock
) -> None:
    """The size and what is allowed are told; nothing was sent, nothing is unconfirmed."""
    adapter, journal = card_adapter(card("acme")), Journal()
    route = respx_mock.post(f"{BASE}/jobs/fast/video").respond(json={"data": {"id": "j-1"}})

    outcome = await submit(adapter, request(adapter, "video", prompt="x", mask=huge.as_uri()), wire, journal)

    assert isinstance(outcome, Refused)
    assert "20,971,521 bytes" in outcome.failure.message
    assert "at most 20,971,520" in outcome.failure.message
    assert (journal.steps, route.call_count) == ([], 0)


async def test_several_files_count_together(wire: Wire, huge: Path, picture: Path) -> None:
    """One body carries them all."""
    os.truncate(huge, AT_MOST)

    assert wire.prepare(Call.create("/jobs", json=[InlineFile(path=huge)]))
    with pytest.raises(UsageError, match=r"fox\.png"):
        wire.prepare(Call.create("/jobs", json={"b": InlineFile(path=picture), "a": InlineFile(path=huge)}))


async def test_a_file_that_is_not_there_is_told_before_anything_is_sent(wire: Wire, tmp_path: Path) -> None:
    """Where nobody asked to prepare the call, that it was not sent is at least proven."""
    call = Call.create("/jobs", json={"image": InlineFile(path=tmp_path / "gone.png")})

    with pytest.raises(UsageError, match=r"gone\.png cannot be read"):
        wire.prepare(call)
    with pytest.raises(NotSent, match=r"gone\.png cannot be read"):
        await wire.send(call)


@respx.mock(using="taskferry", assert_all_called=False)
async def test_a_file_that_cannot_be_read_any_more_proves_that_nothing_was_sent(
    wire: Wire, tmp_path: Path, respx_mock
) -> None:
    """The job may then be sent again."""
    route = respx_mock.post(f"{BASE}/jobs")

    with pytest.raises(NotSent, match="Nothing was sent"):
        await wire.send(Call.create("/jobs", json={"image": InlineFile(path=tmp_path)}))

    assert route.call_count == 0
