"""Webhooks of Tripo's stand-in: sent to the registered address when a task ends, signed, and only to this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from integration.acme_stand_in import Clock
from integration.tripo_client import Tripo, connected, hosted
from integration.webhook_receiver import receiving
from taskferry import JSON, ProviderError
from taskferry.sandbox import Running
from taskferry_tripo.adapter import TripoAdapter


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, Clock]]:
    """One server for the module; each test begins with a reset."""
    with hosted() as tripo_and_clock:
        yield tripo_and_clock


@pytest.fixture
def tripo(server: tuple[Running, Clock]) -> Iterator[Tripo]:
    """A client with the stand-in's own key, at a stand-in that has forgotten everything."""
    with connected(server) as tripo:
        yield tripo


def register(tripo: Tripo, url: str) -> None:
    """Set where messages go, as the console does."""
    tripo.client.post("/_sandbox/webhooks", json={"url": url}).raise_for_status()


def ended(tripo: Tripo, prompt: str = "a fox") -> str:
    """Create a task and let it end."""
    task_id = tripo.created(prompt=prompt)
    tripo.clock.now += 1000
    return task_id


def verified(tripo: Tripo, headers: Mapping[str, str], body: bytes, secret: str | None = None) -> JSON:
    """Ask our adapter what it makes of a message."""
    return TripoAdapter().verify_webhook(
        headers, body, secret or tripo.server.env["TRIPO_WEBHOOK_SECRET"], tripo.clock.now
    )


def deliveries(tripo: Tripo, count: int) -> list[dict[str, Any]]:
    """Ask until so many tries were noted."""
    noted: list[dict[str, Any]] = []
    while len(noted) < count:
        noted = tripo.client.get("/_sandbox/webhooks").json()["webhooks"]
    return noted


def test_a_finished_task_is_announced(tripo: Tripo) -> None:
    """With the documented envelope and headers, and a signature that our adapter finds good."""
    with receiving() as receiver:
        register(tripo, receiver.url)
        task_id = ended(tripo)
        message = receiver.next()

    event_id, data = f"{task_id}:task.completed", message.json["data"]
    assert verified(tripo, message.headers, message.body) == {"task_id": task_id}
    assert (message.headers["Tripo-Webhook-Id"], message.headers["Tripo-Webhook-Event"]) == (event_id, "task.completed")
    assert (message.json["id"], message.json["type"]) == (event_id, "task.completed")
    assert message.json["created_at"] == tripo.read(task_id)["completed_at"]
    assert (data["task_id"], data["type"], data["status"]) == (task_id, "text_to_model", "success")
    assert httpx.get(data["output"]["model_url"]).status_code == 200


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [("fail", "failed", 1001), ("moderated", "failed", 2008), ("cancelled", "cancelled", None)],
)
def test_a_task_without_a_result_is_announced_as_failed(
    tripo: Tripo, token: str, status: str, code: int | None
) -> None:
    """A cancelled one too; the reason is that of the status read."""
    with receiving() as receiver:
        register(tripo, receiver.url)
        task_id = ended(tripo, f"a fox [[{token}]]")
        message = receiver.next()

    data = message.json["data"]
    assert verified(tripo, message.headers, message.body) == {"task_id": task_id}
    assert (message.json["type"], data["status"], data["error_code"]) == ("task.failed", status, code)


def test_a_forged_message_is_refused(tripo: Tripo) -> None:
    """Signed with another secret, or changed on the way."""
    with receiving() as receiver:
        register(tripo, receiver.url)
        ended(tripo)
        message = receiver.next()

    with pytest.raises(ProviderError, match="not trusted"):
        verified(tripo, message.headers, message.body, "whsec_of_somebody_else")
    with pytest.raises(ProviderError, match="not trusted"):
        verified(tripo, message.headers, message.body.replace(b"success", b"banned!"))


def test_a_repeated_message_is_known_by_its_delivery(tripo: Tripo) -> None:
    """It is signed anew for each try, and keeps its ids."""
    with receiving(500) as receiver:
        register(tripo, receiver.url)
        tripo.created(prompt="a fox [[queue:0]] [[run:10]]")
        tripo.clock.now += 10.5
        first = receiver.next()
        tripo.clock.now += 1
        second = receiver.next()
        noted = deliveries(tripo, 2)

    assert [(each["attempt"], each["status"]) for each in noted] == [(1, 500), (2, 200)]
    assert first.headers["Tripo-Webhook-Delivery"] == second.headers["Tripo-Webhook-Delivery"]
    assert first.headers["Tripo-Webhook-Signature"] != second.headers["Tripo-Webhook-Signature"]


def test_a_webhook_comes_even_if_the_reply_was_lost(tripo: Tripo) -> None:
    """The task exists, so its end is told."""
    with receiving() as receiver:
        register(tripo, receiver.url)
        with pytest.raises(httpx.RemoteProtocolError):
            tripo.create(prompt="a fox [[lost-reply]]")
        tripo.clock.now += 1000

        assert receiver.next().json["type"] == "task.completed"


def test_only_tasks_of_v3_that_end_are_announced(tripo: Tripo) -> None:
    """One before an address was set, one of v2, one that is refused and one that is stuck say nothing."""
    with receiving() as receiver:
        ended(tripo)
        register(tripo, receiver.url)
        tripo.client.post("/v2/openapi/task", json={"type": "text_to_model", "prompt": "a fox"}).raise_for_status()
        tripo.create(prompt="a fox [[refuse:2010]]")
        ended(tripo, "a fox [[stuck]]")
        task_id = ended(tripo)

        assert receiver.next().json["data"]["task_id"] == task_id


@pytest.mark.parametrize("url", ["http://198.51.100.7/hook", "https://example.com/hook"])
def test_nothing_is_sent_to_other_machines(tripo: Tripo, url: str) -> None:
    """The try is noted with its reason, and nothing leaves."""
    register(tripo, url)
    ended(tripo)

    noted = deliveries(tripo, 1)[0]

    assert noted["status"] is None
    assert noted["error"].startswith("not sent:")
