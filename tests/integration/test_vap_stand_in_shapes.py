"""Errors of VAP's stand-in in every shape that some client expects, and replies that come late."""

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


REQUIRED = "Not enough balance for this task"


def poor(vap: Vap, style: str) -> httpx.Response:
    """Ask for what the account cannot pay, and for the shape of the error."""
    headers = {"Authorization": "Bearer vape_without_means"}
    vap.client.get("/v3/balance", headers=headers)
    account = vap.server.stand_in.accounts.open("vape_without_means")
    account.balance = account.balance * 0
    body = {"type": "image", "params": {"description": f"a fox [[errors:{style}]]"}}
    return vap.client.post("/v3/tasks", json=body, headers=headers)


@pytest.mark.parametrize(
    ("style", "shape"),
    [
        (
            "object",
            {
                "error": {
                    "code": "insufficient_balance",
                    "message": REQUIRED,
                    "details": {"required": "0.1800", "available": "0.0000"},
                }
            },
        ),
        ("flat", {"error": REQUIRED, "required": "0.1800", "available": "0.0000"}),
        ("detail", {"detail": REQUIRED}),
        (
            "detail-object",
            {
                "detail": {
                    "code": "insufficient_balance",
                    "message": REQUIRED,
                    "required": "0.1800",
                    "available": "0.0000",
                }
            },
        ),
        (
            "beside",
            {
                "error": {"message": REQUIRED, "code": "insufficient_balance"},
                "required": "0.1800",
                "available": "0.0000",
            },
        ),
    ],
)
def test_a_lack_of_funds_tells_the_amounts_in_every_shape(vap: Vap, style: str, shape: dict[str, Any]) -> None:
    """As far as the shape has a place for them."""
    reply = poor(vap, style)

    assert (reply.status_code, reply.json()) == (402, shape)


def test_an_error_may_be_cut_json(vap: Vap) -> None:
    """Complete for HTTP, with the headers of the whole."""
    reply = vap.create("a fox [[refuse:429]] [[errors:truncated]]")

    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        reply.json()

    assert (reply.status_code, reply.headers["content-type"]) == (429, "application/json")
    assert reply.headers["retry-after"] == "1"


@pytest.mark.parametrize("style", ["flat", "detail", "text", "truncated"])
def test_shapes_can_be_posted_for_any_path(vap: Vap, style: str) -> None:
    """For errors that no prompt is there to order."""
    vap.client.post("/_sandbox/faults", json={"fault": f"errors:{style}", "path": "^/v3/tasks/"})

    replies = [vap.client.get("/v3/tasks/nothing") for _ in range(2)]

    assert [reply.status_code for reply in replies] == [404, 404]
    assert replies[0].text != replies[1].text


def test_replies_may_be_late(vap: Vap) -> None:
    """A client that does not wait has lost the reply of a task that exists; a read can be late too."""
    with pytest.raises(httpx.ReadTimeout):
        vap.client.post("/v3/tasks", json={"type": "image", "description": "a fox [[slow:0.5]]"}, timeout=0.1)
    task_id = vap.created("a hare [[slow-read:0.5*1]]")

    with pytest.raises(httpx.ReadTimeout):
        vap.client.get(f"/v3/tasks/{task_id}", timeout=0.1)

    assert vap.read(task_id)["task_id"] == task_id
    assert vap.client.get("/v3/tasks").json()["total"] == 2
