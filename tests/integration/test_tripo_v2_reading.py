"""Tasks that were begun on Tripo's API v2, read from the stand-in's copy of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

import httpx
import pytest

from integration.acme_stand_in import Clock
from integration.tripo_client import hosted
from taskferry import FailureKind, Observation, Status
from taskferry.credentials import Secret
from taskferry.exchange import fetch
from taskferry.sandbox import Running
from taskferry.transport import Transport, Wire
from taskferry_tripo.v2 import TripoV2Adapter

V2 = TripoV2Adapter()


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, Clock]]:
    with hosted() as both:
        yield both


class Old:
    """A client of old times, and our adapter of today."""

    def __init__(self, server: Running, clock: Clock, wire: Wire) -> None:
        self.server, self.clock, self.wire = server, clock, wire

    def begun(self, prompt: str, **more: object) -> str:
        """Begin a task as it was done then."""
        answer = httpx.post(
            f"{self.server.base_url}/v2/openapi/task",
            json={"type": "text_to_model", "prompt": prompt, **more},
            headers={"Authorization": f"Bearer {self.server.env['TRIPO_API_KEY']}"},
        )
        return str(answer.json()["data"]["task_id"])

    async def seen(self, task_id: str, after: float = 0) -> Observation:
        """Look at it some seconds later."""
        self.clock.now += after
        return await fetch(V2, {"task_id": task_id}, self.wire)


@pytest.fixture
async def old(server: tuple[Running, Clock]) -> AsyncIterator[Old]:
    running, clock = server
    transport = Transport()
    key = Secret(running.env["TRIPO_API_KEY"], "the test")
    yield Old(running, clock, Wire(transport, V2.service, running.base_url, key))
    await transport.aclose()


async def test_a_waiting_task_tells_its_place_and_the_time_left(old: Old) -> None:
    """v3 has dropped both."""
    seen = await old.seen(old.begun("a fox [[queue:10]] [[run:30]]"))

    assert (seen.status, seen.queue_position, seen.eta, seen.progress) == (Status.QUEUED, 3, 40, None)


async def test_a_running_task_tells_its_progress(old: Old) -> None:
    """And no place any more."""
    seen = await old.seen(old.begun("a fox [[queue:0]] [[run:40]]"), after=10)

    assert (seen.status, seen.queue_position, seen.eta, seen.progress) == (Status.RUNNING, None, 30, 0.25)


@pytest.mark.parametrize(
    ("more", "model"), [({}, "pbr-model"), ({"texture": False, "pbr": False}, "base-model")], ids=["pbr", "bare"]
)
async def test_a_finished_task_gives_its_models_and_its_cost(old: Old, more: dict[str, bool], model: str) -> None:
    """Under the names that v2 had for them."""
    seen = await old.seen(old.begun("a fox", **more), after=100)

    assert (seen.status, seen.eta) == (Status.SUCCEEDED, None)
    assert [artifact.name for artifact in seen.artifacts] == [model, "preview"]
    assert seen.cost is not None
    assert seen.cost.actual == Decimal(10 if more else 20)


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("fail:1001", Status.FAILED, FailureKind.PROVIDER),
        ("moderated", Status.MODERATED, FailureKind.MODERATED),
        ("expired", Status.EXPIRED, FailureKind.TIMEOUT),
        ("cancelled", Status.CANCELLED, None),
    ],
)
async def test_each_end_is_told_apart(old: Old, fault: str, status: Status, kind: FailureKind | None) -> None:
    """v2 had words for what v3 says by a code."""
    seen = await old.seen(old.begun(f"a fox [[{fault}]]"), after=100)

    assert (seen.status, seen.failure and seen.failure.kind) == (status, kind)
