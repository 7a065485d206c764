"""A client of VAP's stand-in, for its tests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx

from integration.acme_stand_in import Clock
from taskferry.sandbox import Running, running


class Vap:
    """A client of the stand-in, and its clock."""

    def __init__(self, server: Running, clock: Clock, client: httpx.Client) -> None:
        self.server, self.clock, self.client = server, clock, client

    def create(self, description: str, type: str = "image", **params: Any) -> httpx.Response:  # noqa: A002  # as on the wire
        return self.client.post("/v3/tasks", json={"type": type, "params": {"description": description, **params}})

    def created(self, description: str, type: str = "image", **params: Any) -> str:  # noqa: A002  # as on the wire
        return str(self.create(description, type, **params).json()["task_id"])

    def read(self, task_id: str) -> Any:
        return self.client.get(f"/v3/tasks/{task_id}").json()

    def finished(self, description: str, type: str = "image", **params: Any) -> Any:  # noqa: A002  # as on the wire
        """Create a task, let it end and show it."""
        task_id = self.created(description, type, **params)
        self.clock.now += 1000
        return self.read(task_id)

    def balance(self) -> Any:
        return self.client.get("/v3/agents/me/balance").json()


@contextlib.contextmanager
def hosted() -> Iterator[tuple[Running, Clock]]:
    """Run the stand-in on a clock that moves when told."""
    clock = Clock()
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, clock=clock) as servers:
        yield servers["vap"], clock


@contextlib.contextmanager
def connected(server: tuple[Running, Clock]) -> Iterator[Vap]:
    """Give a client with the stand-in's own key, at a stand-in that has forgotten everything."""
    running_vap, clock = server
    headers = {"Authorization": f"Bearer {running_vap.env['VAP_API_KEY']}"}
    with httpx.Client(base_url=running_vap.base_url, headers=headers, timeout=30) as client:
        client.post("/_sandbox/reset")
        yield Vap(running_vap, clock, client)
