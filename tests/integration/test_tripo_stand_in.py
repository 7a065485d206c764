"""Tripo's stand-in at the wire: tasks and their lives, lists, money and limits, as API v3 has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from integration.acme_stand_in import Clock
from integration.tripo_client import IMAGE_TO_MODEL, MODEL, TEXT_TO_MODEL, Tripo, connected, hosted
from taskferry.sandbox import Running


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


def test_a_create_answers_with_id_type_and_status(tripo: Tripo) -> None:
    """The reply is v3's envelope around the queued task."""
    reply = tripo.create(prompt="a fox")

    body = reply.json()
    data = {"task_id": body["data"]["task_id"], "type": "text_to_model", "status": "queued"}
    assert reply.status_code == 200
    assert body == {"code": 0, "status": "success", "data": data}


def test_a_create_may_answer_with_the_id_alone(tripo: Tripo) -> None:
    """Only the id is sure, by the documentation."""
    assert list(tripo.create(prompt="a fox [[bare-create]]").json()["data"]) == ["task_id"]


def test_a_task_is_queued_runs_and_succeeds(tripo: Tripo) -> None:
    """2 s in the queue, 40 s at work; progress in whole percent, 0 before and 100 after."""
    task_id, began = tripo.created(prompt="a fox"), tripo.clock.now

    seen = {}
    for seconds in (0, 1, 2, 22, 41.9, 42):
        tripo.clock.now = began + seconds
        task = tripo.read(task_id)
        seen[seconds] = (task["status"], task["progress"])

    assert seen == {
        0: ("queued", 0),
        1: ("queued", 0),
        2: ("running", 0),
        22: ("running", 50),
        41.9: ("running", 99),
        42: ("success", 100),
    }


def test_a_finished_task_shows_all_that_v3_shows(tripo: Tripo) -> None:
    """Times in ISO 8601, credits as a number, one model URL, one preview, and no v2 fields."""
    task = tripo.finished(prompt="a fox")

    output = task.pop("output")
    del task["task_id"]
    assert task == {
        "type": "text_to_model",
        "status": "success",
        "progress": 100,
        "input": {"model": MODEL, "prompt": "a fox"},
        "created_at": task["created_at"],
        "completed_at": task["completed_at"],
        "credits_consumed": 20,
        "error_code": None,
        "error_message": None,
    }
    assert task["created_at"].endswith("Z")
    assert list(output) == ["model_url", "rendered_image_url"]


def test_a_task_under_way_has_neither_output_nor_an_end(tripo: Tripo) -> None:
    """They come with the end."""
    task = tripo.read(tripo.created(prompt="a fox"))

    assert "output" not in task
    assert "completed_at" not in task


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("fail", "failed", 1001),
        ("fail:2018", "failed", 2018),
        ("moderated", "failed", 2008),
        ("moderated:banned", "banned", 2008),
        ("expired", "failed", 2018),
        ("expired:expired", "expired", 2018),
        ("cancelled", "cancelled", None),
    ],
)
def test_every_end_has_its_word_and_code(tripo: Tripo, token: str, status: str, code: int | None) -> None:
    """v3 folds two of v2's words into `failed`; the older words can be asked for."""
    task = tripo.finished(prompt=f"a fox [[{token}]]")

    assert (task["status"], task["error_code"], "output" in task) == (status, code, False)


def test_a_word_that_nobody_knows_comes_and_goes(tripo: Tripo) -> None:
    """While it runs, the task may be called something new."""
    task_id = tripo.created(prompt="a fox [[unknown-status:polishing]]")

    tripo.clock.now += 30
    running = tripo.read(task_id)
    tripo.clock.now += 30

    assert running["status"] == "polishing"
    assert tripo.read(task_id)["status"] == "success"


def test_progress_may_be_null_and_output_empty(tripo: Tripo) -> None:
    """As clients of the service have met it."""
    task = tripo.finished(prompt="a fox [[null-progress]] [[no-output]]")

    assert (task["status"], task["progress"], task["output"]) == ("success", None, {})


def test_many_tasks_are_read_at_once(tripo: Tripo) -> None:
    """The account's own by id, all others as missed; the log counts it as a read of all."""
    mine = [tripo.created(prompt=f"fox {number}") for number in range(2)]

    data = tripo.client.post("/v3/tasks/list", json={"task_ids": [*mine, "none"]}).json()["data"]

    assert sorted(data["tasks"]) == sorted(mine)
    assert data["missed"] == ["none"]
    logged = tripo.client.get("/_sandbox/requests").json()["requests"][-1]
    assert (logged["kind"], logged["task_ids"]) == ("read", [*mine, "none"])


@pytest.mark.parametrize("task_ids", [[], ["x"] * 101, "x", [1], None])
def test_a_batch_is_a_list_of_1_to_100_ids(tripo: Tripo, task_ids: Any) -> None:
    """Anything else is an invalid parameter."""
    reply = tripo.client.post("/v3/tasks/list", json={"task_ids": task_ids})

    assert (reply.status_code, reply.json()["code"]) == (400, 1004)


def test_another_key_sees_nothing_of_a_task(tripo: Tripo) -> None:
    """Not by id, not in a batch, not in its usage."""
    task_id = tripo.created(prompt="a fox")
    other = {"Authorization": "Bearer tsk_other"}

    alone = tripo.client.get(f"/v3/tasks/{task_id}", headers=other)
    batch = tripo.client.post("/v3/tasks/list", json={"task_ids": [task_id]}, headers=other).json()["data"]
    usage = tripo.client.get("/v3/account/usage", headers=other).json()["data"]

    assert (alone.status_code, alone.json()["code"]) == (404, 2001)
    assert batch == {"tasks": {}, "missed": [task_id]}
    assert usage == []


def test_credits_are_frozen_then_taken(tripo: Tripo) -> None:
    """At the create they leave the balance; success keeps them."""
    tripo.created(prompt="a fox")

    before = tripo.balance()
    tripo.clock.now += 100

    assert before == {"balance": 999_980.0, "frozen": 20.0}
    assert tripo.balance() == {"balance": 999_980.0, "frozen": 0.0}


@pytest.mark.parametrize("token", ["fail", "moderated", "expired", "cancelled"])
def test_credits_come_back_when_a_task_does_not_succeed(tripo: Tripo, token: str) -> None:
    """Whatever the reason."""
    task = tripo.finished(prompt=f"a fox [[{token}]]")

    assert task["credits_consumed"] == 0
    assert tripo.balance() == {"balance": 1_000_000.0, "frozen": 0.0}


def test_a_balance_may_be_a_text(tripo: Tripo) -> None:
    """The vendor's client is ready for it."""
    tripo.post_fault("text-balance", "/balance")

    assert tripo.balance() == {"balance": "1000000.00", "frozen": None}


@pytest.mark.parametrize(
    ("path", "body", "credits_"),
    [
        (TEXT_TO_MODEL, {"prompt": "a fox"}, 20),
        (TEXT_TO_MODEL, {"prompt": "a fox", "texture": False, "pbr": False}, 10),
        (TEXT_TO_MODEL, {"prompt": "a fox", "texture": False}, 20),
        (TEXT_TO_MODEL, {"prompt": "a fox", "texture_quality": "extreme", "quad": True}, 45),
        (TEXT_TO_MODEL, {"prompt": "a fox", "geometry_quality": "detailed", "smart_low_poly": True}, 50),
        (TEXT_TO_MODEL, {"prompt": "a fox", "model": "P1-20260311"}, 40),
        (TEXT_TO_MODEL, {"prompt": "a fox", "model": "P2-20260801"}, 110),
        (IMAGE_TO_MODEL, {"input": "https://example.com/fox.png"}, 30),
        (IMAGE_TO_MODEL, {"input": "https://example.com/fox.png", "model": "P1-20260311"}, 50),
        ("generation/text-to-image", {"prompt": "a fox"}, 5),
    ],
)
def test_prices_are_those_of_the_list(tripo: Tripo, path: str, body: dict[str, Any], credits_: int) -> None:
    """By model, texture and options of the mesh."""
    assert tripo.finished(path, **body)["credits_consumed"] == credits_


def test_usage_lists_the_newest_first(tripo: Tripo) -> None:
    """Rows with type, status, time and credits, a page at a time."""
    first = tripo.source()
    second = tripo.created(prompt="an owl")

    page = tripo.client.get("/v3/account/usage", params={"limit": 1, "offset": 1}).json()["data"]
    rows = tripo.client.get("/v3/account/usage").json()["data"]

    assert [row["task_id"] for row in rows] == [second, first]
    assert [(row["task_id"], row["type"], row["status"], row["credits_consumed"]) for row in page] == [
        (first, "text_to_model", "success", 20)
    ]


def test_usage_may_be_an_object_with_items(tripo: Tripo) -> None:
    """As one of the vendor's clients also takes it."""
    tripo.post_fault("usage-items", "/usage")

    assert tripo.client.get("/v3/account/usage").json()["data"] == {"items": []}


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"offset": "-1"}])
def test_usage_pages_have_limits(tripo: Tripo, query: dict[str, str]) -> None:
    """1 to 200 rows."""
    reply = tripo.client.get("/v3/account/usage", params=query)

    assert (reply.status_code, reply.json()["code"]) == (400, 1004)


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        ({"path": TEXT_TO_MODEL, "prompt": "a fox"}, 10),
        ({"path": TEXT_TO_MODEL, "prompt": "a fox", "model": "P1-20260311"}, 5),
        ({"path": "generation/text-to-image", "prompt": "a fox"}, 1),
    ],
)
def test_each_group_has_its_own_concurrency(tripo: Tripo, body: dict[str, Any], limit: int) -> None:
    """H models 10, P models 5, pictures 1; above it 429 with code 2000 and a time to wait."""
    taken = [tripo.create(**body).status_code for _ in range(limit)]

    refused = tripo.create(**body)

    assert taken == [200] * limit
    assert (refused.status_code, refused.json()["code"]) == (429, 2000)
    assert int(refused.headers["Retry-After"]) >= 1


def test_an_end_makes_room_for_another(tripo: Tripo) -> None:
    """Only tasks under way count."""
    tripo.created("generation/text-to-image", prompt="a fox")

    tripo.clock.now += 13

    assert tripo.create("generation/text-to-image", prompt="an owl").status_code == 200


def test_two_hundred_creations_a_minute_are_let_through(tripo: Tripo) -> None:
    """The next is turned away with code 1007 and the time to wait."""
    replies = [tripo.create(prompt="a fox [[refuse:1004]]") for _ in range(201)]

    assert {reply.status_code for reply in replies[:200]} == {400}
    assert (replies[200].status_code, replies[200].json()["code"]) == (429, 1007)
    assert replies[200].headers["Retry-After"] == "60"
    assert replies[200].headers["X-RateLimit-Remaining"] == "0"


def test_a_create_is_logged_with_the_id_it_made(tripo: Tripo) -> None:
    """So that a script can count what was billed."""
    task_id = tripo.created(prompt="a fox")

    logged = tripo.client.get("/_sandbox/requests").json()["requests"]

    assert [(entry["kind"], entry["status"], entry["task_ids"]) for entry in logged] == [("create", 200, [task_id])]


def test_a_lost_reply_leaves_a_task_that_usage_shows(tripo: Tripo) -> None:
    """The connection drops after the work was done."""
    with pytest.raises(httpx.RemoteProtocolError):
        tripo.create(prompt="a fox [[lost-reply]]")

    rows = tripo.client.get("/v3/account/usage").json()["data"]
    assert [row["type"] for row in rows] == ["text_to_model"]
