"""What VAP's stand-in turns down, and in which shapes it says so."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
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


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"type": "image", "params": {"description": ""}}, 400, "invalid_description"),
        ({"type": "image", "params": {}}, 400, "invalid_description"),
        ({"type": "image", "params": {"description": 3}}, 400, "invalid_description"),
        ({"type": "hologram", "params": {"description": "a fox"}}, 400, "invalid_task_type"),
        ({"params": {"description": "a fox"}}, 400, "invalid_task_type"),
        (["image"], 400, "invalid_request"),
        ({"type": "image", "params": "a fox"}, 422, "invalid_parameters"),
        ({"type": "image", "params": {"description": "a", "aspect_ratio": "5:1"}}, 422, "invalid_parameters"),
        ({"type": "video", "params": {"description": "a", "duration": 5}}, 422, "invalid_parameters"),
        ({"type": "video", "params": {"description": "a", "duration": "8"}}, 422, "invalid_parameters"),
        ({"type": "video", "params": {"description": "a", "generate_audio": 1}}, 422, "invalid_parameters"),
        ({"type": "music", "params": {"description": "a", "duration": 29}}, 422, "invalid_parameters"),
        ({"type": "music", "params": {"description": "a", "duration": True}}, 422, "invalid_parameters"),
        ({"type": "music", "params": {"description": "a", "style": "x" * 1001}}, 422, "invalid_parameters"),
    ],
)
def test_what_is_not_valid_is_refused(vap: Vap, body: Any, status: int, code: str) -> None:
    """Bad input is 400 or 422 with the documented error object, and nothing is created."""
    reply = vap.client.post("/v3/tasks", json=body)

    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
    assert vap.client.get("/_sandbox/tasks").json() == {"tasks": []}


def test_a_refused_parameter_is_named(vap: Vap) -> None:
    """The details say which parameter is wrong and what it may be."""
    error = vap.create("a fox", "video", duration=5).json()["error"]

    assert error["details"] == {"errors": {"duration": "must be one of 8, 4, 6, not 5"}}


def test_a_body_that_is_no_json_is_refused(vap: Vap) -> None:
    """A body that cannot be read is bad input."""
    reply = vap.client.post("/v3/tasks", content=b"{")

    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer short", "Basic dmFwOnZhcA=="])
def test_a_request_needs_a_key(vap: Vap, header: str | None) -> None:
    """No key, or one that cannot be one, is 401 with the documented code."""
    reply = httpx.get(f"{vap.server.base_url}/v3/balance", headers={"Authorization": header} if header else {})

    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_api_key")
    assert reply.headers["x-ratelimit-limit"] == "1000"


def test_another_accounts_task_is_not_found(vap: Vap) -> None:
    """A task is its owner's alone."""
    task_id = vap.created("a fox")

    reply = vap.client.get(f"/v3/tasks/{task_id}", headers={"Authorization": "Bearer vape_somebody_else"})

    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "task_not_found")


def test_a_day_has_its_limit(vap: Vap) -> None:
    """Tier 3 spends a thousand dollars a day; the next create is 403, and the next day goes on."""
    reply = httpx.Response(200)
    spent = Decimal(0)
    while reply.status_code == 200:
        reply = vap.create("a fox", "video")
        spent += Decimal("1.96") if reply.status_code == 200 else 0
        vap.clock.now += 0.1

    error = reply.json()["error"]
    vap.clock.now += 86_400

    assert (reply.status_code, error["code"]) == (403, "tier_limit_exceeded")
    assert error["details"] == {"daily_limit": "1000.0000", "spent": f"{spent:.4f}"}
    assert vap.create("a fox", "video").status_code == 200


def test_requests_beyond_the_tiers_rate_are_429(vap: Vap) -> None:
    """The thousand and first request in a minute is told to wait, in body and header."""
    for _ in range(1000):
        vap.balance()

    reply = vap.client.get("/v3/balance")

    details = reply.json()["error"]["details"]
    assert (reply.status_code, reply.json()["error"]["code"]) == (429, "rate_limit_exceeded")
    assert details == {"retry_after": 60, "limit": 1000, "window": "1 minute"}
    assert (reply.headers["retry-after"], reply.headers["x-ratelimit-remaining"]) == ("60", "0")


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 51}, {"limit": "many"}, {"status": "gone"}])
def test_a_list_asked_wrongly_is_refused(vap: Vap, query: dict[str, Any]) -> None:
    """Limits outside 1..50 and words that are no status are 422."""
    reply = vap.client.get("/v3/tasks", params=query)

    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "invalid_parameters")


@pytest.mark.parametrize(
    ("code", "status", "shown"),
    [
        ("insufficient_balance", 402, "insufficient_balance"),
        ("insufficient_balance@403", 403, "insufficient_balance"),
        ("402", 402, "insufficient_balance"),
        ("403", 403, "tier_limit_exceeded"),
        ("agent_paused", 403, "agent_paused"),
        ("content_policy_violation", 400, "content_policy_violation"),
        ("500", 500, "internal_error"),
        ("503", 503, "service_unavailable"),
        ("something_new", 400, "something_new"),
    ],
)
def test_a_create_can_be_refused_with_any_error(vap: Vap, code: str, status: int, shown: str) -> None:
    """A code brings its status, a status its usual code, and both can be named."""
    reply = vap.create(f"a fox [[refuse:{code}]]")

    assert (reply.status_code, reply.json()["error"]["code"]) == (status, shown)


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("object", '{"error":{"code":"insufficient_balance","message":"Not enough balance for this task"}}'),
        ("flat", '{"error":"Not enough balance for this task"}'),
        ("detail", '{"detail":"Not enough balance for this task"}'),
        ("text", "Not enough balance for this task"),
    ],
)
def test_errors_come_in_every_known_shape(vap: Vap, style: str, text: str) -> None:
    """A token chooses between the papers' object and what the clients expect."""
    assert vap.create(f"a fox [[refuse:402]] [[errors:{style}]]").text == text


def test_invalid_parameters_in_the_frameworks_shape(vap: Vap) -> None:
    """The web framework's own shape is a list with places."""
    detail = vap.create("a fox [[errors:detail]]", "video", duration=5).json()["detail"]

    assert detail == [
        {"loc": ["body", "params", "duration"], "msg": "must be one of 8, 4, 6, not 5", "type": "value_error"}
    ]


def test_a_read_may_be_cut_json(vap: Vap) -> None:
    """Status reads may be answered with half a document, as often as told."""
    task_id = vap.created("a fox [[broken-json*1]]")
    replies = [vap.client.get(f"/v3/tasks/{task_id}") for _ in range(2)]

    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        replies[0].json()

    assert replies[1].json()["task_id"] == task_id


def test_other_paths_and_methods_are_answered_by_the_framework(vap: Vap) -> None:
    """What is not there is said to be so in the web framework's shape."""
    replies = [vap.client.get("/v3/nowhere"), vap.client.delete("/v3/balance")]

    assert [(reply.status_code, reply.json()) for reply in replies] == [
        (404, {"detail": "Not Found"}),
        (405, {"detail": "Method Not Allowed"}),
    ]
