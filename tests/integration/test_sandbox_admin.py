"""The admin endpoints of a stand-in: tasks, requests, posted faults, reset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from integration.acme_stand_in import Clock, Wire, connected, hosted
from taskferry.sandbox import Running


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, Clock]]:
    """One server for the module; each test begins with a reset."""
    with hosted() as acme_and_clock:
        yield acme_and_clock


@pytest.fixture
def wire(server: tuple[Running, Clock]) -> Iterator[Wire]:
    """A client with a key, at a stand-in that has forgotten everything."""
    with connected(server) as wire:
        yield wire


def test_the_admin_sees_every_task(wire: Wire) -> None:
    """Tasks are listed oldest first, whoever made them, with epoch seconds as numbers."""
    first = wire.created("one")
    wire.clock.now += 30
    second = wire.created("two")

    tasks = wire.tasks()

    assert [task["task_id"] for task in tasks] == [first, second]
    assert tasks[0] == {
        "task_id": first,
        "type": "thing",
        "status": "succeeded",
        "prompt": "one",
        "created_at": wire.clock.now - 30,
        "finished_at": wire.clock.now,
    }
    assert tasks[1]["finished_at"] is None


def test_the_admin_sees_every_request(wire: Wire) -> None:
    """Requests are listed oldest first with what they were for and whom they concern; the admin's own are not."""
    one, two = wire.created("one"), wire.created("two")
    wire.client.post("/jobs/batch", json={"ids": [one, two]})
    wire.client.get("/nowhere")
    wire.clock.now += 30
    httpx.get(wire.read(one).json()["url"])

    seen = [(entry["kind"], entry["status"], entry["task_ids"]) for entry in wire.requests()]

    assert seen == [
        ("create", 200, [one]),
        ("create", 200, [two]),
        ("read", 200, [one, two]),
        ("other", 418, []),
        ("read", 200, [one]),
        ("file", 200, [one]),
    ]


def test_a_posted_fault_strikes_the_next_creates(wire: Wire) -> None:
    """A fault posted by the admin strikes as often as told, and nothing is created."""
    wire.post_fault(fault="http:502", count=2)

    statuses = [wire.create("a fox").status_code for _ in range(3)]

    assert statuses == [502, 502, 200]
    assert len(wire.tasks()) == 1


def test_a_posted_fault_strikes_where_its_path_matches(wire: Wire) -> None:
    """With a path, other requests are left alone."""
    wire.post_fault(fault="http:503", count=1, path="^/balance$")

    statuses = [wire.client.get(path).status_code for path in ("/health", "/balance", "/balance")]

    assert statuses == [200, 503, 200]


def test_a_posted_lost_reply_drops_the_connection(wire: Wire) -> None:
    """The next create is done and its reply is lost."""
    wire.post_fault(fault="lost-reply", count=1)

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        wire.create("a fox")

    assert len(wire.tasks()) == 1


def test_a_posted_end_is_the_next_jobs(wire: Wire) -> None:
    """A fault of a job's life strikes the next job that is created."""
    wire.post_fault(fault="moderated", count=1)
    wire.created("one")
    wire.created("two")
    wire.clock.now += 30

    assert [task["status"] for task in wire.tasks()] == ["moderated", "succeeded"]


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"fault": 3},
        {"fault": "nonsense"},
        {"fault": "http:abc"},
        {"fault": "stuck", "count": 0},
        {"fault": "stuck", "count": True},
        {"fault": "stuck", "path": "("},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(wire: Wire, fault: dict[str, Any]) -> None:
    """The admin endpoint says what is wrong."""
    reply = wire.post_fault(**fault)

    assert reply.status_code == 400
    assert reply.json()["error"]


def test_reset_forgets_everything(wire: Wire) -> None:
    """After a reset there are no tasks, no requests, no faults, and the balance is the opening one."""
    wire.created("one")
    wire.post_fault(fault="http:502", count=None)

    wire.client.post("/_sandbox/reset")

    assert (wire.tasks(), wire.requests()) == ([], [])
    assert wire.create("one").status_code == 200
