"""What Tripo's stand-in keeps of API v2, for reading tasks that were begun on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from integration.acme_stand_in import Clock
from integration.tripo_client import PNG, Tripo, connected, hosted
from taskferry.sandbox import Running

ROOT = "/v2/openapi"


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


def created(tripo: Tripo, type: str = "text_to_model", **body: Any) -> str:  # noqa: A002  # as on the wire
    """Create a task and give its id."""
    return str(tripo.client.post(f"{ROOT}/task", json={"type": type, **body}).json()["data"]["task_id"])


def finished(tripo: Tripo, type: str = "text_to_model", **body: Any) -> Any:  # noqa: A002  # as on the wire
    """Create a task, let it end and show it."""
    task_id = created(tripo, type, **body)
    tripo.clock.now += 100
    return tripo.client.get(f"{ROOT}/task/{task_id}").json()["data"]


def test_a_finished_task_shows_all_that_v2_showed(tripo: Tripo) -> None:
    """Times in epoch seconds, whole credits, and -1 for what no longer counts."""
    task = finished(tripo, prompt="a fox")

    output = task.pop("output")
    assert task == {
        "task_id": task["task_id"],
        "type": "text_to_model",
        "status": "success",
        "input": {"model": "v2.5-20250123", "prompt": "a fox"},
        "progress": 100,
        "consumed_credit": 20,
        "queuing_num": -1,
        "running_left_time": -1,
        "create_time": int(tripo.clock.now - 100),
        "prompt": "a fox",
        "result": {},
    }
    assert list(output) == ["pbr_model", "rendered_image"]
    assert httpx.get(output["pbr_model"]).content.startswith(b"glTF")


def test_a_task_that_waits_tells_its_place_and_its_time_left(tripo: Tripo) -> None:
    """v3 has neither any more."""
    task_id = created(tripo, prompt="a fox")

    task = tripo.client.get(f"{ROOT}/task/{task_id}").json()["data"]

    assert (task["status"], task["queuing_num"], task["running_left_time"]) == ("queued", 3, 42)


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [("moderated", "banned", 2008), ("expired", "expired", 2018), ("fail:1000", "failed", 1000)],
)
def test_ends_have_words_of_their_own(tripo: Tripo, token: str, status: str, code: int) -> None:
    """Those that v3 folded into `failed`."""
    task = finished(tripo, prompt=f"a fox [[{token}]]")

    assert (task["status"], task["error_code"], task["consumed_credit"]) == (status, code, 0)


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ({"prompt": "a fox", "texture": False, "pbr": False}, ["base_model", "rendered_image"]),
        ({"type": "text_to_image", "prompt": "a fox"}, ["generated_image"]),
    ],
)
def test_outputs_have_v2s_keys(tripo: Tripo, body: dict[str, Any], keys: list[str]) -> None:
    """A bare model is told from one with materials."""
    assert list(finished(tripo, **body)["output"]) == keys


def test_a_picture_is_uploaded_and_used_by_its_token(tripo: Tripo) -> None:
    """The token is a bare UUID, named in a file object."""
    token = tripo.client.post(f"{ROOT}/upload", files={"file": ("fox.png", PNG)}).json()["data"]["image_token"]

    task = finished(tripo, "image_to_model", file={"type": "png", "file_token": token})

    assert len(token) == 36
    assert task["status"] == "success"


@pytest.mark.parametrize(("type_", "code"), [("stylize_model", 2016), ("nothing", 2002), (None, 2002)])
def test_a_type_that_is_gone_or_was_never_there_has_a_code(tripo: Tripo, type_: str | None, code: int) -> None:
    """In v2's envelope, which has no status and no request id."""
    body = tripo.client.post(f"{ROOT}/task", json={"type": type_}).json()

    assert body["code"] == code
    assert sorted(body) == ["code", "message", "suggestion"]


def test_the_balance_is_in_whole_credits(tripo: Tripo) -> None:
    """The account is the same as in v3."""
    created(tripo, prompt="a fox")

    assert tripo.client.get(f"{ROOT}/user/balance").json()["data"] == {"balance": 999_980, "frozen": 20}


def test_a_bad_key_has_v2s_code(tripo: Tripo) -> None:
    """1002."""
    reply = tripo.client.get(f"{ROOT}/user/balance", headers={"Authorization": "Bearer x"})

    assert (reply.status_code, reply.json()["code"]) == (401, 1002)
