"""The Tripo adapter, fed with replies by hand: what it asks for and what it makes of the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from taskferry import (
    AdapterError,
    Amount,
    Balance,
    Call,
    Exchange,
    FetchesMany,
    HasBalance,
    ListsRecent,
    MalformedReply,
    Observation,
    Reply,
    Request,
    Status,
    Unsupported,
)
from taskferry.testing import answered
from taskferry_tripo.adapter import TripoAdapter
from taskferry_tripo.demo import JOBS
from taskferry_tripo.operations import OPERATIONS
from taskferry_tripo.v2 import TripoV2Adapter

ADAPTER = TripoAdapter()
BY_NAME = {operation.name: operation for operation in OPERATIONS}


def request(name: str, **parameters: Any) -> Request:
    return Request(task_id="t", operation=BY_NAME[f"tripo/{name}"], parameters=parameters)


def reply(data: Any, status: int = 200, **headers: str) -> Reply:
    content = json.dumps({"code": 0, "status": "success", "data": data}).encode()
    return Reply(status, content, headers, trace_id="trace-1")


def answer(exchange: Exchange[Any], *replies: Reply) -> tuple[list[Call], Any]:
    """Feed replies to an exchange; give the calls it made and its result."""
    run = answered(exchange, *replies)
    return list(run.calls), run.result


def test_a_text_job_is_one_create_with_a_model_always_named() -> None:
    """v3 refuses a job without a model, so the default is sent although the caller did not name it."""
    exchange = ADAPTER.submit(request("text-to-model", prompt="a fox", seed=7, quad=True))

    calls, accepted = answer(exchange, reply({"task_id": "u-1", "type": "text_to_model", "status": "queued"}))

    assert [(call.method, call.path) for call in calls] == [("POST", "/v3/generation/text-to-model")]
    assert calls[0].json == {"model": "v3.1-20260211", "prompt": "a fox", "model_seed": 7, "quad": True}
    assert accepted.remote == {"task_id": "u-1"}
    assert accepted.observation == Observation(provider_status="queued", status=Status.QUEUED)


def test_a_create_reply_with_nothing_but_the_id_is_enough() -> None:
    """Only `data.task_id` is promised."""
    _, accepted = answer(ADAPTER.submit(request("text-to-model", prompt="a fox")), reply({"task_id": "u-1"}))

    assert (accepted.remote, accepted.observation) == ({"task_id": "u-1"}, None)


@pytest.mark.parametrize("data", [{}, {"task_id": ""}, {"task_id": 7}, None])
def test_a_create_reply_without_an_id_is_malformed(data: object) -> None:
    """A paid job may exist, so this must not pass for a refusal."""
    exchange = ADAPTER.submit(request("text-to-model", prompt="a fox"))
    next(exchange)

    with pytest.raises(MalformedReply):
        exchange.send(reply(data))


@pytest.mark.parametrize("image", ["https://example.com/fox.png", "file_6ffd", "6ffdb041-55c6-4a16-8985-7cc3268a545b"])
def test_a_picture_that_tripo_can_reach_goes_along_as_it_is(image: str) -> None:
    """A URL, a file token or a task id is Tripo's `input`; nothing is uploaded."""
    calls, _ = answer(ADAPTER.submit(request("image-to-model", image=image)), reply({"task_id": "u-1"}))

    assert [call.path for call in calls] == ["/v3/generation/image-to-model"]
    assert calls[0].json == {"model": "v3.1-20260211", "input": image}


def test_local_pictures_are_uploaded_before_the_create(tmp_path: Path) -> None:
    """Each file becomes a token; its bytes never enter a call."""
    fox, style = tmp_path / "a fox.png", tmp_path / "style.webp"
    for path in (fox, style):
        path.write_bytes(b"a picture")
    exchange = ADAPTER.submit(request("image-to-model", image=fox.as_uri(), style_image=style.as_uri()))

    calls, accepted = answer(
        exchange, reply({"file_token": "file_1"}), reply({"file_token": "file_2"}), reply({"task_id": "u-1"})
    )

    assert [call.path for call in calls] == ["/v3/files", "/v3/files", "/v3/generation/image-to-model"]
    assert [part.path for call in calls[:2] for part in call.files] == [fox, style]
    assert calls[2].json == {"model": "v3.1-20260211", "input": "file_1", "style_image": "file_2"}
    assert accepted.remote == {"task_id": "u-1"}


def test_a_look_reads_one_task() -> None:
    """The id of `remote` fills the path."""
    calls, seen = answer(ADAPTER.fetch({"task_id": "u/1"}), reply({"status": "running", "progress": 31}))

    assert (calls[0].method, calls[0].path) == ("GET", "/v3/tasks/u%2F1")
    assert (seen.status, seen.progress) == (Status.RUNNING, 0.31)


def test_a_look_without_a_state_is_malformed() -> None:
    """A body that shows no state is not what Tripo promises."""
    exchange = ADAPTER.fetch({"task_id": "u-1"})
    next(exchange)

    with pytest.raises(MalformedReply):
        exchange.send(reply({"task_id": "u-1"}))


def test_a_remote_that_is_not_ours_is_said_so() -> None:
    """A row of another plugin never becomes a call."""
    with pytest.raises(AdapterError, match="task_id"):
        next(ADAPTER.fetch({"id": "u-1"}))


def test_many_looks_are_one_call_and_the_missed_are_none() -> None:
    """The answers come in the order asked, whatever the reply's order, each with its own raw body."""
    tasks = {"b": {"status": "queued"}, "a": {"status": "running", "progress": None}, "d": {"progress": 3}}
    exchange = ADAPTER.fetch_many([{"task_id": name} for name in "abcd"])

    calls, seen = answer(exchange, reply({"tasks": tasks, "missed": ["c"]}, **{"Retry-After": "4"}))

    assert (calls[0].method, calls[0].path, calls[0].purpose.value) == ("POST", "/v3/tasks/list", "read")
    assert calls[0].json == {"task_ids": ["a", "b", "c", "d"]}
    assert [one and one.status for one in seen] == [Status.RUNNING, Status.QUEUED, None, None]
    assert (seen[1].raw, seen[1].retry_after, seen[1].trace_id) == (b'{"status": "queued"}', 4.0, "trace-1")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"balance": 10000.5, "frozen": 200}, ("10000.5", "200")),
        ({"balance": "47725.00", "frozen": None}, ("47725.00", None)),
    ],
)
def test_a_balance_is_exact_however_it_is_written(data: Mapping[str, Any], expected: tuple[str, str | None]) -> None:
    """Numbers and texts both occur."""
    calls, balance = answer(ADAPTER.balance(), reply(data))

    available, reserved = expected
    assert calls[0].path == "/v3/account/balance"
    assert balance == Balance(
        available=Decimal(available), unit="credits", reserved=None if reserved is None else Decimal(reserved)
    )


def test_a_balance_without_an_amount_is_malformed() -> None:
    """Nothing known is not a balance of zero."""
    exchange = ADAPTER.balance()
    next(exchange)

    with pytest.raises(MalformedReply, match=r"data\.balance"):
        exchange.send(reply({"balance": None}))


USAGE = [
    {"task_id": "old", "type": "text_to_model", "status": "success", "created_at": "2026-11-20T10:00:00Z"},
    {"task_id": "new", "type": "text_to_model", "status": "running", "created_at": "2026-11-20T11:00:00"},
    {"task_id": "picture", "type": "image_to_model", "status": "running", "created_at": "2026-11-20T12:00:00Z"},
    {"task_id": "undated", "type": None, "created_at": "yesterday"},
    {"type": "text_to_model"},
]


@pytest.mark.parametrize("listing", [USAGE, {"items": USAGE}])
def test_recent_jobs_come_with_their_prompts_newest_first(listing: object) -> None:
    """The usage listing names the tasks, a batch read tells what they were asked."""
    tasks = {"new": {"input": {"prompt": "a fox", "model": "v3.1-20260211"}, "created_at": None}}
    exchange = ADAPTER.recent(request("text-to-model", prompt="a fox"))

    calls, found = answer(exchange, reply(listing), reply({"tasks": tasks, "missed": ["old"]}))

    assert [call.path for call in calls] == ["/v3/account/usage", "/v3/tasks/list"]
    assert calls[1].json == {"task_ids": ["old", "new", "undated"]}
    assert [(one.remote["task_id"], one.prompt, one.created_at) for one in found] == [
        ("new", "a fox", 1795172400.0),
        ("old", None, 1795168800.0),
        ("undated", None, None),
    ]


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        ({"input": "https://example.com/fox.png", "model": "P1-20260311"}, True),
        ({}, True),
        ({"input": "https://example.com/owl.png"}, False),
        ({"model": "v2.5-20250123"}, False),
    ],
)
def test_a_task_that_shows_another_picture_or_model_is_no_candidate(shown: Mapping[str, str], kept: bool) -> None:
    """An image job has no prompt to know it by."""
    rows = [{"task_id": "u", "type": "image_to_model"}]
    exchange = ADAPTER.recent(request("image-to-model", image="https://example.com/fox.png", model="P1-20260311"))

    _, found = answer(exchange, reply(rows), reply({"tasks": {"u": {"input": shown}}}))

    assert bool(found) is kept


def test_no_recent_job_of_the_kind_needs_no_second_call() -> None:
    """An empty listing is the whole answer."""
    calls, found = answer(ADAPTER.recent(request("text-to-model", prompt="a fox")), reply([]))

    assert (len(calls), list(found)) == (1, [])


@pytest.mark.parametrize(
    ("name", "parameters", "price"),
    [
        ("text-to-model", {}, 20),
        ("text-to-model", {"texture": False}, 20),
        ("text-to-model", {"texture": False, "pbr": False}, 10),
        ("text-to-model", {"texture_quality": "extreme", "geometry_quality": "detailed", "quad": True}, 65),
        ("image-to-model", {"texture_quality": "detailed"}, 40),
        ("image-to-model", {"texture": False, "pbr": False, "generate_parts": True, "smart_low_poly": True}, 50),
        ("text-to-model", {"model": "P1-20260311"}, 40),
        ("image-to-model", {"model": "P1-20260311", "texture": False, "pbr": False}, 40),
        ("image-to-model", {"model": "P2-20260801"}, 110),
        ("text-to-model", {"model": "P2-20260801", "quad": True}, None),
        ("text-to-model", {"texture_quality": "fast"}, None),
        ("text-to-model", {"render_video": True}, None),
    ],
)
def test_the_price_list(name: str, parameters: Mapping[str, Any], price: int | None) -> None:
    """What the list does not say has no estimate; pbr forces the texture on, and its price."""
    given = {"prompt": "a fox"} if name == "text-to-model" else {"image": "file_1"}

    estimate = ADAPTER.estimate(request(name, **given, **parameters))

    assert estimate == (None if price is None else Amount(value=Decimal(price), unit="credits"))


def test_the_abilities_are_found_structurally() -> None:
    """v3 lists, batches and tells the balance; nobody can cancel, and absence from the listing proves nothing."""
    assert isinstance(ADAPTER, FetchesMany)
    assert isinstance(ADAPTER, HasBalance)
    assert isinstance(ADAPTER, ListsRecent)
    assert not ADAPTER.recent_is_complete
    assert not hasattr(ADAPTER, "cancel")
    for adapter in (ADAPTER, TripoV2Adapter()):
        assert adapter.remote_from_id(" u-1 ", request("text-to-model", prompt="a fox")) == {"task_id": "u-1"}


def test_v2_reads_a_task_of_its_time() -> None:
    """The path, the cost and the keys are v2's."""
    body = {
        "status": "success",
        "progress": 100,
        "consumed_credit": 60,
        "queuing_num": -1,
        "running_left_time": -1,
        "output": {"pbr_model": "https://cdn.example/fox_pbr.glb", "rendered_image": "https://cdn.example/fox.webp"},
    }

    calls, seen = answer(TripoV2Adapter().fetch({"task_id": "u-1"}), reply(body))

    assert calls[0].path == "/v2/openapi/task/u-1"
    assert (seen.status, seen.cost.actual, seen.cost.unit) == (Status.SUCCEEDED, Decimal(60), "credits")
    assert [artifact.name for artifact in seen.artifacts] == ["pbr-model", "preview"]
    assert (seen.queue_position, seen.eta) == (None, None)


def test_v2_tells_the_balance() -> None:
    """It is a free call, which also tells whether the server still answers."""
    calls, balance = answer(TripoV2Adapter().balance(), reply({"balance": 300, "frozen": 0}))

    assert calls[0].path == "/v2/openapi/user/balance"
    assert (balance.available, balance.reserved) == (Decimal(300), Decimal(0))


def test_v2_starts_nothing() -> None:
    """The vendor shut it; the message says since when and what to do."""
    with pytest.raises(Unsupported, match=r"2026-11-01.*v3"):
        next(TripoV2Adapter().submit(request("text-to-model", prompt="a fox")))


def test_the_demo_asks_for_what_is_offered() -> None:
    """Every job of the demo names an operation of the plugin."""
    assert {name for name, _ in JOBS} <= set(BY_NAME)
