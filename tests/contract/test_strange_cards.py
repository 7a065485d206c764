"""Cards express the strange providers too, each at the wire."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import httpx
import pytest
import respx

import taskferry.testing  # noqa: F401 -- registers the mocker
from media_samples import mp4
from taskferry import Accepted, Adapter, CallForbidden, FailureKind, ProviderError, Request, Status
from taskferry.artifacts import Store
from taskferry.cards import card_adapter, load_card
from taskferry.clock import SystemClock
from taskferry.credentials import Secret
from taskferry.exchange import Refused, SubmitOutcome, fetch, submit
from taskferry.reply import Reply
from taskferry.transport import Transport, Wire

CARDS = Path(__file__).parent.parent / "cards" / "strange"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


class Journal:
    """Notes the steps of a billed call."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    async def sending(self) -> None:
        self.steps.append("sending")

    async def replied(self, reply: Reply) -> None:
        self.steps.append(f"replied {reply.status}")


@pytest.fixture
async def transport():
    made = Transport()
    yield made
    await made.aclose()


def card(name: str) -> Adapter:
    return card_adapter(load_card(str(CARDS / f"{name}.toml")))


def wire(transport: Transport, adapter: Adapter, key: str = "secret") -> Wire:
    return Wire(transport, adapter.service, adapter.service.base_url, Secret(key, "the test"))


async def start(adapter: Adapter, over: Wire, **parameters: str) -> SubmitOutcome:
    request = Request(task_id="t1", operation=adapter.operations[0], parameters=parameters)
    return await submit(adapter, request, over, Journal())


@respx.mock(using="taskferry")
async def test_bfl_is_polled_where_it_says_on_its_own_hosts_only(transport: Transport, respx_mock) -> None:
    """The key follows the polling URL to a host of the provider's, and to no other."""
    adapter = card("bfl")
    over = wire(transport, adapter)
    respx_mock.post("https://api.bfl.ai/v1/flux-pro").respond(
        json={"id": "1", "polling_url": "https://api.us1.bfl.ai/v1/get?id=1", "cost": 4}
    )
    poll = respx_mock.get("https://api.us1.bfl.ai/v1/get").respond(
        json={"status": "Ready", "result": {"sample": "https://delivery.example/1.png"}}
    )

    accepted = await start(adapter, over, prompt="a fox")
    assert isinstance(accepted, Accepted)
    seen = await fetch(adapter, accepted.remote, over)

    assert (seen.status, seen.artifacts[0].url) == (Status.SUCCEEDED, "https://delivery.example/1.png")
    assert poll.calls.last.request.headers["x-key"] == "secret"
    with pytest.raises(CallForbidden, match=r"evil\.example"):
        await fetch(adapter, {"polling_url": "https://evil.example/get?id=1"}, over)


@respx.mock(using="taskferry")
async def test_kling_signs_each_call_afresh_and_polls_below_the_path_it_was_created_at(
    transport: Transport, respx_mock
) -> None:
    """The token is a JWT with issuer and end; the secret itself never travels."""
    adapter = card("kling")
    over = wire(transport, adapter, "access:hidden")
    create = respx_mock.post("https://api.kling.example/v1/videos/text2video").respond(
        json={"code": 0, "data": {"task_id": "9"}}
    )
    respx_mock.get("https://api.kling.example/v1/videos/text2video/9").respond(
        json={
            "code": 0,
            "data": {"task_status": "succeed", "task_result": {"videos": [{"url": "https://k.example/a.mp4"}]}},
        }
    )

    accepted = await start(adapter, over, prompt="waves")
    assert isinstance(accepted, Accepted)
    seen = await fetch(adapter, accepted.remote, over)

    header, claims, _ = create.calls.last.request.headers["authorization"].removeprefix("Bearer ").split(".")
    decoded = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["alg"] == "HS256"
    assert (decoded["iss"], decoded["exp"] > decoded["nbf"]) == ("access", True)
    assert "hidden" not in str(create.calls.last.request.headers)
    assert [artifact.name for artifact in seen.artifacts] == ["video-1"]


@respx.mock(using="taskferry")
async def test_minimax_takes_two_hops_and_fails_under_http_200(transport: Transport, respx_mock) -> None:
    """A second read for the file, and an error envelope that refuses a create."""
    adapter = card("minimax")
    over = wire(transport, adapter)
    good = {"base_resp": {"status_code": 0}}
    create = respx_mock.post("https://api.minimax.example/v1/video_generation")
    create.side_effect = [
        httpx.Response(200, json={"task_id": "7", **good}),
        httpx.Response(200, json={"base_resp": {"status_code": 1026, "status_msg": "sensitive"}}),
    ]
    respx_mock.get("https://api.minimax.example/v1/query/video_generation", params={"task_id": "7"}).respond(
        json={"status": "Success", "file_id": "f", **good}
    )
    respx_mock.get("https://api.minimax.example/v1/files/retrieve", params={"file_id": "f"}).respond(
        json={"file": {"download_url": "https://m.example/f.mp4"}, **good}
    )

    accepted = await start(adapter, over, prompt="rain")
    assert isinstance(accepted, Accepted)
    seen = await fetch(adapter, accepted.remote, over)
    refused = await start(adapter, over, prompt="something else")

    assert (accepted.remote, seen.artifacts[0].url) == ({"task_id": "7"}, "https://m.example/f.mp4")
    assert isinstance(refused, Refused)
    assert refused.failure.kind is FailureKind.MODERATED


@respx.mock(using="taskferry")
async def test_openai_shaped_videos_give_their_file_only_with_the_key(
    transport: Transport, respx_mock, tmp_path: Path
) -> None:
    """The artifact is a path at the provider; the store fetches it with the key, and the poll hint is heeded."""
    adapter = card("videos")
    over = wire(transport, adapter)
    respx_mock.get("https://videos.example/v1/videos/v1").respond(
        json={"status": "completed", "progress": 100}, headers={"openai-poll-after-ms": "2500"}
    )
    file = respx_mock.get("https://videos.example/v1/videos/v1/content").respond(
        content=mp4(b"mp42"), headers={"content-type": "video/mp4"}
    )

    seen = await fetch(adapter, {"id": "v1"}, over)
    kept = await Store(transport, tmp_path, clock=SystemClock()).keep(seen.artifacts[0], tmp_path, wire=over)

    assert (seen.retry_after, seen.progress, seen.artifacts[0].needs_key) == (2.5, 1.0, True)
    assert file.calls.last.request.headers["authorization"] == "Bearer secret"
    assert kept.path is not None
    assert kept.path.suffix == ".mp4"


@respx.mock(using="taskferry")
async def test_stability_tells_its_status_by_http_code_and_sends_the_image_with_the_create(
    transport: Transport, respx_mock, tmp_path: Path
) -> None:
    """202 is running, 200 is done and the body is left to the store; 403 is a failure."""
    adapter = card("stability")
    over = wire(transport, adapter)
    image = tmp_path / "small.png"
    image.write_bytes(PNG)
    create = respx_mock.post("https://api.stability.example/v2beta/upscale/creative").respond(json={"id": "s"})
    result = respx_mock.get("https://api.stability.example/v2beta/results/s")
    result.side_effect = [
        httpx.Response(202),
        httpx.Response(200, content=PNG, headers={"content-type": "image/png"}),
        httpx.Response(403, json={"name": "content_moderation", "errors": ["no"]}),
    ]

    accepted = await start(adapter, over, image=image.as_uri(), prompt="sharper")
    assert isinstance(accepted, Accepted)
    running = await fetch(adapter, accepted.remote, over)
    done = await fetch(adapter, accepted.remote, over)

    assert PNG in create.calls.last.request.content
    assert b'name="prompt"' in create.calls.last.request.content
    assert (running.status, done.status) == (Status.RUNNING, Status.SUCCEEDED)
    assert done.artifacts[0].url == "https://api.stability.example/v2beta/results/s"
    with pytest.raises(ProviderError, match="no"):
        await fetch(adapter, accepted.remote, over)
