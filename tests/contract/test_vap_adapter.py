"""The VAP V3 adapter, fed replies by hand: what it asks for, and what it makes of the answers."""

from __future__ import annotations

import json
from collections.abc import Generator
from decimal import Decimal
from typing import Any

import pytest

from taskferry import (
    Adapter,
    Call,
    Cancels,
    Estimates,
    HasBalance,
    ListsRecent,
    MalformedReply,
    ProviderError,
    Reply,
    Request,
    Status,
    UsageError,
)
from taskferry.parameters import validate
from taskferry_vap.adapter import VapAdapter
from taskferry_vap.demo import JOBS
from taskferry_vap.operations import OPERATIONS

TASK_ID = "550e8400-e29b-41d4-a716-446655440000"
VAP = VapAdapter()
BY_NAME = {operation.name: operation for operation in OPERATIONS}


def request(name: str, **parameters: Any) -> Request:
    return Request(task_id="ours", operation=BY_NAME[name], parameters=parameters)


def reply(body: Any, status: int = 200, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, content, {name.replace("_", "-"): value for name, value in headers.items()})


def ask(exchange: Generator[Call, Reply, Any]) -> Call:
    return next(exchange)


def answer(exchange: Generator[Call, Reply, Any], given: Reply) -> Any:
    next(exchange)
    with pytest.raises(StopIteration) as stop:
        exchange.send(given)
    return stop.value.value


def test_its_abilities_are_those_of_the_service() -> None:
    """VAP lists, tells balances and has prices; it cannot cancel."""
    adapter: Adapter = VAP

    abilities = [isinstance(adapter, ability) for ability in (ListsRecent, HasBalance, Estimates, Cancels)]

    assert abilities == [True, True, True, False]
    assert VAP.recent_is_complete is False


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_parameter_is_documented(operation: Any) -> None:
    """Each parameter has a type, a description and examples that its own schema takes."""
    for name, schema in operation.parameters["properties"].items():
        assert {"type", "description", "examples"} <= schema.keys(), name
        for example in schema["examples"]:
            given = {**operation.example, name: example}
            assert validate(operation, given) == given


@pytest.mark.parametrize(("name", "parameters"), [*JOBS, *((one.name, one.example) for one in OPERATIONS)])
def test_demo_jobs_and_examples_are_valid(name: str, parameters: dict[str, Any]) -> None:
    """What we show to others can be sent."""
    assert validate(BY_NAME[name], parameters) == parameters


def test_submit_speaks_the_words_of_the_wire() -> None:
    """Our words become VAP's, only what was given is sent, and the webhook stands beside the parameters."""
    wanted = request("vap/music", prompt="calm piano", output_format="wav", webhook_url="https://you.example/hook")

    call = ask(VAP.submit(wanted))

    assert (call.method, call.path, call.purpose.value) == ("POST", "/v3/tasks", "create")
    assert call.json == {
        "type": "music",
        "params": {"description": "calm piano", "audio_format": "wav"},
        "webhook_url": "https://you.example/hook",
    }


@pytest.mark.parametrize(("cost", "expected"), [("0.1800", "0.1800"), (0.18, "0.18"), (1, "1")])
def test_submit_keeps_the_id_the_kind_and_the_exact_cost(cost: Any, expected: str) -> None:
    """A cost may be a text or a number; neither loses a digit."""
    created = {"task_id": TASK_ID, "status": "pending", "estimated_cost": cost}

    accepted = answer(VAP.submit(request("vap/image", prompt="fox")), reply(created))

    assert accepted.remote == {"task_id": TASK_ID, "kind": "image"}
    assert str(accepted.cost.estimated) == expected
    assert accepted.cost.unit == "USD"
    assert accepted.observation.status is Status.QUEUED


def test_a_create_reply_may_be_as_short_as_its_id() -> None:
    """Some papers show no more than that, under any code of success."""
    accepted = answer(VAP.submit(request("vap/video", prompt="sea")), reply({"task_id": "tsk_abc123"}, 202))

    assert accepted.remote == {"task_id": "tsk_abc123", "kind": "video"}
    assert accepted.cost is None


@pytest.mark.parametrize("body", [{}, {"task_id": ""}, {"task_id": None}, {"task_id": 7}, [], "ok", None])
def test_a_create_reply_without_an_id_is_malformed(body: Any) -> None:
    """A made-up id such as `unknown` would lose a paid job."""
    exchange = VAP.submit(request("vap/image", prompt="fox"))
    next(exchange)

    with pytest.raises(MalformedReply):
        exchange.send(reply(body))


def test_fetch_quotes_the_id() -> None:
    """An id is opaque text; it never changes the path."""
    call = ask(VAP.fetch({"task_id": "a/../b?c", "kind": "image"}))

    assert (call.method, call.path) == ("GET", "/v3/tasks/a%2F..%2Fb%3Fc")


def test_fetch_says_what_a_remote_has_to_hold() -> None:
    """A remote that a person wrote may lack something."""
    with pytest.raises(UsageError, match="image, video, music"):
        ask(VAP.fetch({"task_id": TASK_ID}))


def test_recent_lists_what_could_be_the_request() -> None:
    """Newest first, only of the kind asked for or of none, with what there is to match by."""
    listing = {
        "tasks": [
            {"task_id": "old", "type": "image", "created_at": "2026-01-09T11:00:00Z"},
            {"task_id": "sea", "type": "video"},
            {"task_id": "new", "type": "image_generation", "status": "pending", "created_at": "2026-01-09T12:00:00Z",
             "params": {"description": "a fox"}},
            {"task_id": "bare", "created_at": "lately"},
            {"status": "pending"},
            "noise",
        ],
        "total": 6,
    }  # fmt: skip
    exchange = VAP.recent(request("vap/image", prompt="a fox"))

    call = ask(exchange)
    found = answer(VAP.recent(request("vap/image", prompt="a fox")), reply(listing))

    assert (call.path, call.params) == ("/v3/tasks", {"limit": 50})
    assert [candidate.remote["task_id"] for candidate in found] == ["new", "old", "bare"]
    assert (found[0].prompt, found[0].provider_status, found[0].created_at) == ("a fox", "pending", 1767960000.0)


def test_a_plain_id_is_enough_to_name_a_task() -> None:
    """What VAP's own pages show can be adopted."""
    remote = VAP.remote_from_id(TASK_ID, request("vap/video", prompt="sea"))

    assert remote == {"task_id": TASK_ID, "kind": "video"}


@pytest.mark.parametrize(
    ("body", "available", "reserved"),
    [
        ({"balance": 5.00, "currency": "USD"}, "5.0", None),
        ({"balance": "5.0000", "reserved": "1.96", "usable": "3.04", "currency": "USD"}, "3.04", "1.96"),
    ],
)
def test_balance_is_what_can_be_used(body: dict[str, Any], available: str, reserved: str | None) -> None:
    """`usable` where there is one; amounts are exact."""
    balance = answer(VAP.balance(), reply(body))

    assert (str(balance.available), balance.unit) == (available, "USD")
    assert balance.reserved == (None if reserved is None else Decimal(reserved))


def test_balance_is_also_asked_for_at_its_older_place() -> None:
    """The SDK knows only that one."""
    exchange = VAP.balance()
    first = next(exchange)
    missing = VAP.failure(reply({"detail": "Not Found"}, 404))
    assert missing is not None

    second = exchange.throw(ProviderError(missing))

    assert (first.path, second.path) == ("/v3/agents/me/balance", "/v3/balance")


def test_a_balance_without_an_amount_is_malformed() -> None:
    """An unknown balance is not zero."""
    exchange = VAP.balance()
    next(exchange)

    with pytest.raises(MalformedReply, match="neither"):
        exchange.send(reply({"agent": "x"}))


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        ("vap/image", {}, "0.18 USD"),
        ("vap/image", {"quality": "high"}, "0.27 USD"),
        ("vap/video", {"duration": 4}, "1.96 USD"),
        ("vap/music", {"duration": 480}, "0.68 USD"),
    ],
)
def test_estimates_follow_the_price_list(name: str, parameters: dict[str, Any], expected: str) -> None:
    """Nothing is asked of VAP, which has no endpoint for it."""
    amount = VAP.estimate(request(name, prompt="x", **parameters))

    assert str(amount) == expected
