"""A client of Tripo's stand-in, for its tests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from integration.acme_stand_in import Clock
from taskferry.sandbox import Running, running

TEXT_TO_MODEL = "generation/text-to-model"
IMAGE_TO_MODEL = "generation/image-to-model"
MODEL = "v3.1-20260211"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
"""As much of a picture as the service looks at."""


class Tripo:
    """A client of the stand-in, and its clock."""

    def __init__(self, server: Running, clock: Clock, client: httpx.Client) -> None:
        self.server, self.clock, self.client = server, clock, client

    def create(self, path: str = TEXT_TO_MODEL, **body: Any) -> httpx.Response:
        """Create a task; those that make models get a model to make them."""
        usual: Mapping[str, Any] = {"model": MODEL} if path.endswith("-to-model") else {}
        return self.client.post(f"/v3/{path}", json={**usual, **body})

    def created(self, path: str = TEXT_TO_MODEL, **body: Any) -> str:
        """Create a task and give its id."""
        return str(self.create(path, **body).json()["data"]["task_id"])

    def read(self, task_id: str) -> Any:
        """Show a task."""
        return self.client.get(f"/v3/tasks/{task_id}").json()["data"]

    def finished(self, path: str = TEXT_TO_MODEL, **body: Any) -> Any:
        """Create a task, let it end and show it."""
        task_id = self.created(path, **body)
        self.clock.now += 100
        return self.read(task_id)

    def source(self, path: str = TEXT_TO_MODEL, **body: Any) -> str:
        """Create a task, let it end and give its id, for others to begin from."""
        return str(self.finished(path, **(body or {"prompt": "a fox"}))["task_id"])

    def upload(self, content: bytes = PNG, name: str = "fox.png") -> httpx.Response:
        """Send a file in a form."""
        return self.client.post("/v3/files", files={"file": (name, content)})

    def uploaded(self, content: bytes = PNG, name: str = "fox.png") -> str:
        """Send a file in a form and give its token."""
        return str(self.upload(content, name).json()["data"]["file_token"])

    def balance(self) -> Any:
        """Show what the account has."""
        return self.client.get("/v3/account/balance").json()["data"]

    def post_fault(self, fault: str, path: str) -> None:
        """Let a fault strike the next request to a path."""
        self.client.post("/_sandbox/faults", json={"fault": fault, "path": path}).raise_for_status()


@contextlib.contextmanager
def hosted() -> Iterator[tuple[Running, Clock]]:
    """Run the stand-in on a clock that moves when told."""
    clock = Clock()
    with running({"tripo": "taskferry_tripo.sandbox:stand_in"}, clock=clock) as servers:
        yield servers["tripo"], clock


@contextlib.contextmanager
def connected(server: tuple[Running, Clock]) -> Iterator[Tripo]:
    """Give a client with the stand-in's own key, at a stand-in that has forgotten everything."""
    running_tripo, clock = server
    headers = {"Authorization": f"Bearer {running_tripo.env['TRIPO_API_KEY']}"}
    with httpx.Client(base_url=running_tripo.base_url, headers=headers, timeout=30) as client:
        client.post("/_sandbox/reset")
        yield Tripo(running_tripo, clock, client)
