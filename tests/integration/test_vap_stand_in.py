"""VAP's stand-in at the wire: tasks, results, money and lists, with a switch wherever the sources disagree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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


def test_a_create_answers_with_an_id_and_an_estimate(vap: Vap) -> None:
    """The reply is the documented one: id, pending, and a decimal string of four places."""
    reply = vap.create("a red fox")

    document = reply.json()
    assert reply.status_code == 200
    assert document == {"task_id": document["task_id"], "status": "pending", "estimated_cost": "0.1800"}


@pytest.mark.parametrize(
    ("type", "params", "price"),
    [
        ("image", {}, "0.1800"),
        ("image", {"quality": "high"}, "0.2700"),
        ("video", {}, "1.9600"),
        ("music", {}, "0.6800"),
    ],
)
def test_prices_are_those_of_the_list(vap: Vap, type: str, params: dict[str, Any], price: str) -> None:  # noqa: A002  # as on the wire
    """Each type has its price, an image of high quality one and a half."""
    assert vap.create("a fox", type, **params).json()["estimated_cost"] == price


@pytest.mark.parametrize(
    "body",
    [
        {"type": "image", "params": {"description": "a fox"}},
        {"type": "image_generation", "params": {"description": "a fox"}},
        {"type": "image", "params": {"prompt": "a fox"}},
        {"type": "image", "description": "a fox", "aspect_ratio": "16:9"},
    ],
)
def test_every_spelling_of_a_create_is_taken(vap: Vap, body: dict[str, Any]) -> None:
    """Both names of a type, both names of the prompt, and parameters beside the type are accepted."""
    task_id = vap.client.post("/v3/tasks", json=body).json()["task_id"]

    assert vap.read(task_id)["type"] == "image"


@pytest.mark.parametrize(
    ("type", "statuses"),
    [
        ("image", {0: "pending", 0.6: "queued", 1: "executing", 9: "completed"}),
        ("video", {0: "pending", 3: "queued", 5: "executing", 64: "executing", 65: "completed"}),
        ("music", {0: "pending", 2: "queued", 3: "executing", 43: "completed"}),
    ],
)
def test_a_task_goes_its_way_in_the_proxys_words(vap: Vap, type: str, statuses: dict[float, str]) -> None:  # noqa: A002  # as on the wire
    """Pending, queued, executing, completed, each type in its own time."""
    task_id, began = vap.created("a fox", type), vap.clock.now

    seen = {}
    for age in statuses:
        vap.clock.now = began + age
        seen[age] = vap.read(task_id)["status"]

    assert seen == statuses


def test_the_papers_have_another_vocabulary(vap: Vap) -> None:
    """A token switches to pending, processing, completed."""
    task_id = vap.created("a fox [[processing]]")

    seen = []
    for _ in range(3):
        seen.append(vap.read(task_id)["status"])
        vap.clock.now += 5

    assert seen == ["pending", "processing", "completed"]


def test_an_unknown_word_may_come(vap: Vap) -> None:
    """A status that is in no paper is shown before the end."""
    task_id = vap.created("a fox [[unknown-status:polishing]]")
    vap.clock.now += 5

    assert vap.read(task_id)["status"] == "polishing"


def test_a_finished_task_shows_its_cost_and_its_file(vap: Vap) -> None:
    """The documented fields are there, with a URL at the usual places of an image."""
    task = vap.finished("a fox")

    url = task["result"]["image_url"]
    assert url.startswith(f"{vap.server.base_url}/files/{task['task_id']}/image.webp?exp=")
    assert task | {"result": None} == {
        "task_id": task["task_id"],
        "type": "image",
        "status": "completed",
        "estimated_cost": "0.1800",
        "actual_cost": "0.1800",
        "result": None,
        "error_message": None,
        "created_at": "2027-01-15T08:00:00Z",
        "completed_at": "2027-01-15T08:00:09Z",
    } | {"created_at": task["created_at"], "completed_at": task["completed_at"]}
    assert task["result"]["output_url"] == url


@pytest.mark.parametrize(
    ("type", "place", "path"),
    [
        ("image", "", ["result", "image_url"]),
        ("video", "", ["result", "video_url"]),
        ("music", "", ["result", "items", 0, "audio_url"]),
        ("image", "[[place:items]]", ["result", "items", 0, "image_url"]),
        ("music", "[[place:typed]]", ["result", "audio_url"]),
        ("music", "[[place:music_url]]", ["result", "music_url"]),
        ("image", "[[place:output_url]]", ["result", "output_url"]),
        ("video", "[[place:url]]", ["result", "url"]),
        ("video", "[[place:top]]", ["video_url"]),
        ("image", "[[place:result_url]]", ["result_url"]),
    ],
)
def test_results_stand_at_every_known_place(vap: Vap, type: str, place: str, path: list[Any]) -> None:  # noqa: A002  # as on the wire
    """A token chooses the place; without one it is the usual place of the type."""
    found: Any = vap.finished(f"a fox {place}", type)
    for step in path:
        found = found[step]

    assert found.startswith(f"{vap.server.base_url}/files/")


@pytest.mark.parametrize(
    ("token", "code", "message"),
    [
        ("[[fail]]", None, "The provider failed after all retries"),
        ("[[fail:gpu_lost]]", "gpu_lost", "The provider failed after all retries"),
        ("[[moderated]]", None, "Content policy violation"),
        ("[[expired]]", None, "Queue timeout: the task waited too long"),
        ("[[cancelled]]", None, "The task was cancelled"),
    ],
)
def test_every_bad_end_is_a_failed_task(vap: Vap, token: str, code: str | None, message: str) -> None:
    """The service has one word for a bad end; the message says which, and a code where one was asked for."""
    task = vap.finished(f"a fox {token}")

    assert (task["status"], task["error_message"]) == ("failed", message)
    assert task.get("error") == ({"code": code, "message": message} if code else None)
    assert (task["actual_cost"], task["result"]) == (None, None)


def test_oddities_of_a_healthy_task_can_be_ordered(vap: Vap) -> None:
    """Costs as numbers, a cost below the estimate, an error key that is null, the long name of the type."""
    task = vap.finished("a fox [[cost-number]] [[actual:0.05]] [[null-error]] [[long-type]]")

    assert (task["estimated_cost"], task["actual_cost"]) == (0.18, 0.05)
    assert (task["error"], task["type"]) == (None, "image_generation")
    assert vap.balance()["balance"] == 9999.95


def test_a_success_may_have_no_output(vap: Vap) -> None:
    """A completed task may name no file."""
    task = vap.finished("a fox [[no-output]]")

    assert (task["status"], task["result"]) == ("completed", None)


def test_money_is_reserved_burnt_and_refunded(vap: Vap) -> None:
    """The price is held back at the create, burnt on success and given back on failure."""
    vap.created("a fox", "video")
    vap.created("a fox [[fail]]", "music")
    during = vap.balance()
    vap.clock.now += 1000

    after = vap.client.get("/v3/balance").json()

    assert during == {"balance": 10_000, "reserved": 2.64, "usable": 9_997.36, "currency": "USD"}
    assert after == {"balance": 9_998.04, "reserved": 0, "usable": 9_998.04, "currency": "USD"}


def test_tasks_are_listed_newest_first(vap: Vap) -> None:
    """The list shows ten unless told, newest first, with the number of all."""
    ids = [vap.created(f"fox {number}") for number in range(12)]

    listed = vap.client.get("/v3/tasks").json()

    assert [task["task_id"] for task in listed["tasks"]] == ids[:1:-1]
    assert (listed["total"], listed["limit"], listed["offset"]) == (12, 10, 0)


@pytest.mark.parametrize(("status", "count"), [("pending", 1), ("processing", 1), ("completed", 1), ("failed", 0)])
def test_a_list_can_be_narrowed_to_a_status(vap: Vap, status: str, count: int) -> None:
    """The filter takes the papers' words and finds the tasks of that class."""
    for age in (1000, 2, 0):
        vap.created("a fox")
        vap.clock.now += age

    listed = vap.client.get("/v3/tasks", params={"status": status, "limit": 50}).json()

    assert listed["total"] == count


def test_health_needs_no_key(vap: Vap) -> None:
    """Both health endpoints answer anybody."""
    replies = [httpx.get(f"{vap.server.base_url}{path}").json() for path in ("/health", "/v3/health")]

    assert [reply["status"] for reply in replies] == ["healthy", "healthy"]
    assert sorted(replies[1]) == ["dependencies", "service", "status", "version"]
