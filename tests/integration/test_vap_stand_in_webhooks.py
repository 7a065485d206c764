"""Webhooks of VAP's stand-in: sent when a task ends, signed, tried again, and only to this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from integration.acme_stand_in import Clock
from integration.vap_client import Vap, connected, hosted
from integration.webhook_receiver import receiving
from taskferry import ProviderError
from taskferry.sandbox import Running
from taskferry_vap.adapter import VapAdapter


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, Clock]]:
    """One server for the module; each test begins with a reset."""
    with hosted() as vap_and_clock:
        yield vap_and_clock


@pytest.fixture
def vap(server: tuple[Running, Clock]) -> Iterator[Vap]:
    """A client with the stand-in's own key, at a stand-in that has forgotten everything."""
    with connected(server) as vap:
        yield vap


FOX = {"type": "image", "params": {"description": "a fox"}}


def create(vap: Vap, url: str, body: dict[str, Any] = FOX, path: str = "/v3/tasks") -> str:
    """Create a task that is to be announced, and let it end."""
    task_id = vap.client.post(path, json={**body, "webhook_url": url}).json()["task_id"]
    vap.clock.now += 1000
    return str(task_id)


def fox(token: str) -> dict[str, Any]:
    """A task with a fault."""
    return {"type": "image", "params": {"description": f"a fox [[{token}]]"}}


def deliveries(vap: Vap, count: int) -> list[dict[str, Any]]:
    """Ask until so many tries were noted."""
    noted: list[dict[str, Any]] = []
    while len(noted) < count:
        noted = vap.client.get("/_sandbox/webhooks").json()["webhooks"]
    return noted


def test_a_finished_task_is_announced(vap: Vap) -> None:
    """With the documented envelope, and a signature that our adapter finds good."""
    with receiving() as receiver:
        task_id = create(vap, receiver.url)
        message = receiver.next()

    remote = VapAdapter().verify_webhook(
        message.headers, message.body, vap.server.env["VAP_WEBHOOK_SECRET"], vap.clock.now
    )
    data = message.json["data"]
    assert remote == {"task_id": task_id}
    assert (message.json["event"], data["status"], data["actual_cost"]) == ("task.completed", "completed", "0.1800")
    assert (data["duration_seconds"], data["result"]["image_url"].partition("?")[0]) == (
        9,
        vap.read(task_id)["result"]["image_url"].partition("?")[0],
    )


def test_a_failed_task_is_announced_with_its_refund(vap: Vap) -> None:
    """Two messages: the failure and the refund."""
    with receiving() as receiver:
        create(vap, receiver.url, fox("fail:gpu_lost"))
        messages = {message.json["event"]: message.json["data"] for message in (receiver.next(), receiver.next())}

    failed, refunded = messages["task.failed"], messages["task.refunded"]
    assert (failed["error"]["code"], failed["refund_amount"], failed["attempts"]) == ("gpu_lost", "0.1800", 3)
    assert (refunded["refund_amount"], refunded["new_balance"]) == ("0.1800", "10000.0000")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v3/operations", {"operation": "upscale", "media_url": "https://example.com/fox.png"}),
        ("/v3/execute", {"preset": "image.basic", "prompt": "a fox"}),
        ("/api/v1/generations", {"kind": "image", "prompt": "a fox"}),
    ],
)
def test_every_create_can_be_announced(vap: Vap, path: str, body: dict[str, Any]) -> None:
    """Edits, presets and generations too."""
    with receiving() as receiver:
        task_id = create(vap, receiver.url, body, path)

        assert receiver.next().json["data"]["task_id"] == task_id


def test_a_webhook_comes_even_if_the_reply_was_lost(vap: Vap) -> None:
    """The task exists, so its end is told."""
    with receiving() as receiver:
        with pytest.raises(httpx.RemoteProtocolError):
            vap.client.post("/v3/tasks", json={**fox("lost-reply"), "webhook_url": receiver.url})
        vap.clock.now += 1000

        assert receiver.next().json["event"] == "task.completed"


def test_a_receiver_that_fails_is_tried_again(vap: Vap) -> None:
    """Three tries, a second and four seconds apart; every one is noted."""
    with receiving(500, 503) as receiver:
        task_id = create(vap, receiver.url)
        for wait in (1, 4, 0):
            receiver.next()
            vap.clock.now += wait
        noted = deliveries(vap, 3)

    assert [(each["attempt"], each["status"]) for each in noted] == [(1, 500), (2, 503), (3, 200)]
    assert {(each["task_id"], each["event"], each["error"]) for each in noted} == {(task_id, "task.completed", None)}


def test_a_receiver_that_keeps_failing_is_given_up(vap: Vap) -> None:
    """After the third try nothing more comes."""
    with receiving(500, 500, 500) as receiver:
        create(vap, receiver.url)
        for wait in (1, 4, 100):
            receiver.next()
            vap.clock.now += wait
        noted = deliveries(vap, 3)

    assert [each["attempt"] for each in noted] == [1, 2, 3]


@pytest.mark.parametrize(
    "url", ["http://198.51.100.7/hook", "https://example.com/hook", "http://example.com:80/hook", "http://[::1"]
)
def test_nothing_is_sent_to_other_machines(vap: Vap, url: str) -> None:
    """The try is noted with its reason, and nothing leaves."""
    create(vap, url)

    noted = deliveries(vap, 1)[0]

    assert noted["status"] is None
    assert noted["error"].startswith(("not sent:", "not an address:"))


def test_a_receiver_that_is_not_there_is_noted(vap: Vap) -> None:
    """The reason is that of the connection."""
    with receiving() as receiver:
        url = receiver.url

    create(vap, url)

    assert "refused" in deliveries(vap, 1)[0]["error"]


def test_webhooks_can_go_wrong_on_order(vap: Vap) -> None:
    """None, two of the same, or one that somebody else signed."""
    with receiving() as receiver:
        create(vap, receiver.url, fox("no-webhook"))
        twice = create(vap, receiver.url, fox("webhook-twice"))
        first, second = receiver.next(), receiver.next()
        create(vap, receiver.url, fox("bad-signature"))
        forged = receiver.next()

    assert [message.json["data"]["task_id"] for message in (first, second)] == [twice, twice]
    with pytest.raises(ProviderError, match="not trusted"):
        VapAdapter().verify_webhook(forged.headers, forged.body, vap.server.stand_in.webhook_secret, vap.clock.now)


def test_a_reset_ends_all_webhooks(vap: Vap) -> None:
    """What was to be told before it is forgotten; what comes after it is told."""
    with receiving() as receiver:
        vap.client.post("/v3/tasks", json={**FOX, "webhook_url": receiver.url})
        vap.client.post("/_sandbox/reset")
        task_id = create(vap, receiver.url)

        assert receiver.next().json["data"]["task_id"] == task_id


@pytest.mark.parametrize(
    ("body", "status"), [({"url": "http://127.0.0.1:1/x"}, 200), ({"url": None}, 200), ([], 400), ({"url": 3}, 400)]
)
def test_an_address_for_the_whole_account_can_be_registered(vap: Vap, body: Any, status: int) -> None:
    """For providers that know addresses of an account; the stand-in keeps what was posted."""
    reply = vap.client.post("/_sandbox/webhooks", json=body)

    assert reply.status_code == status
    assert vap.server.stand_in.webhooks.registered == (body["url"] if status == 200 else None)
