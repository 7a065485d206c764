"""Trials at VAP's stand-in: three pictures a day, without a key."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from integration.acme_stand_in import Clock
from integration.vap_client import Vap, connected, hosted
from taskferry.sandbox import Running


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


def trial(vap: Vap, prompt: str = "a fox", name: str = "prompt") -> httpx.Response:
    """Ask for a trial, without a key."""
    return httpx.post(f"{vap.server.base_url}/v3/trial/generate", json={name: prompt})


def status(vap: Vap, task_id: str) -> httpx.Response:
    """Look at a trial, without a key."""
    return httpx.get(f"{vap.server.base_url}/v3/trial/status/{task_id}")


@pytest.mark.parametrize("name", ["prompt", "description"])
def test_a_trial_needs_no_key(vap: Vap, name: str) -> None:
    """It costs nothing, and its picture can be downloaded."""
    reply = trial(vap, name=name).json()
    vap.clock.now += 1000

    shown = status(vap, reply["task_id"]).json()

    assert reply == {"task_id": reply["task_id"], "status": "pending", "remaining": 2}
    assert shown == {"task_id": reply["task_id"], "status": "completed", "image_url": shown["image_url"]}
    assert httpx.get(shown["image_url"], timeout=30).headers["content-type"] == "image/webp"


def test_a_day_has_three_trials(vap: Vap) -> None:
    """The fourth is 429 and says when the next day begins; then there are three again."""
    remaining = [trial(vap).json()["remaining"] for _ in range(3)]

    fourth = trial(vap)
    details = fourth.json()["error"]["details"]
    vap.clock.now += details["retry_after"]

    assert remaining == [2, 1, 0]
    assert (fourth.status_code, fourth.json()["error"]["code"]) == (429, "rate_limit_exceeded")
    assert (details["limit"], details["window"]) == (3, "1 day")
    assert trial(vap).json()["remaining"] == 2


def test_a_wrong_trial_does_not_count(vap: Vap) -> None:
    """What is refused uses nothing up."""
    wrong = trial(vap, "")

    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "invalid_description")
    assert trial(vap).json()["remaining"] == 2


def test_a_trial_belongs_to_no_key(vap: Vap) -> None:
    """It is not among the tasks of an account, nor are those among the trials."""
    task_id = trial(vap).json()["task_id"]

    replies = [vap.client.get(f"/v3/tasks/{task_id}"), status(vap, vap.created("a fox"))]

    assert [reply.status_code for reply in replies] == [404, 404]


def test_a_trial_may_fail(vap: Vap) -> None:
    """Its status says why."""
    task_id = trial(vap, "a fox [[fail:gpu_lost]]").json()["task_id"]
    vap.clock.now += 1000

    shown = status(vap, task_id).json()

    assert (shown["status"], shown["image_url"], shown["error"]["code"]) == ("failed", None, "gpu_lost")


def test_a_trial_may_be_unavailable(vap: Vap) -> None:
    """As a create can be."""
    reply = trial(vap, "a fox [[refuse:503]]")

    assert (reply.status_code, reply.headers["retry-after"]) == (503, "1")
