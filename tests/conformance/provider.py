"""A made-up provider over real HTTP, whose jobs last as long as they are asked to and can be stopped."""

from __future__ import annotations

import base64
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import EntryPoint

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from acme import PNG
from taskferry import (
    JSON,
    Accepted,
    Artifact,
    Call,
    CancelOutcome,
    Exchange,
    Failure,
    Observation,
    Operation,
    Provider,
    Registry,
    Reply,
    Request,
    Service,
    Status,
    Typical,
    failure_from_status,
    hookimpl,
)

_STATUS = {"working": Status.RUNNING, "done": Status.SUCCEEDED, "error": Status.FAILED, "stopped": Status.CANCELLED}
_PIXEL = "data:image/png;base64," + base64.b64encode(PNG).decode()
COMPUTE = Operation(
    name="slow/compute",
    title="Compute",
    description="Takes as long as it is told to.",
    kind="image",
    parameters={
        "type": "object",
        "additionalProperties": False,
        "required": ["prompt", "seconds"],
        "properties": {
            "prompt": {"type": "string", "description": "What it is called."},
            "seconds": {"type": "number", "minimum": 0, "description": "How long it takes."},
            "fails": {"type": "boolean", "description": "Whether it fails."},
        },
    },
    typical=Typical(median=1.0, slow=5.0),
)


class SlowAdapter:
    """An adapter of the provider."""

    service = Service(base_url="https://slow.example", key_variables=("SLOW_KEY",))
    operations = (COMPUTE,)

    def submit(self, request: Request) -> Exchange[Accepted]:
        reply = yield Call.create("/jobs", json=dict(request.parameters))
        return Accepted(remote={"id": reply.at("id", str)})

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        reply = yield Call.get("/jobs/{id}", **remote)
        word = reply.at("state", str)
        artifacts = [Artifact(name="image", kind="image", url=_PIXEL)] if word == "done" else []
        return Observation(provider_status=word, status=_STATUS.get(word), artifacts=artifacts)

    def cancel(self, remote: JSON) -> Exchange[CancelOutcome]:
        yield Call.post("/jobs/{id}/stop", free=True, **remote)
        return CancelOutcome.ACCEPTED

    def failure(self, reply: Reply) -> Failure | None:
        return failure_from_status(reply)


@hookimpl
def taskferry_providers(register: Callable[[Provider], None]) -> None:
    """Register the provider."""
    register(Provider(name="slow", title="Slow", adapters={"v1": "conformance.provider:SlowAdapter"}))


def registry() -> Registry:
    """Give a registry that knows this provider alone."""
    return Registry(entry_points=[EntryPoint("slow", "conformance.provider", "taskferry")], disabled="")


class Jobs:
    """The provider's own side."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._jobs: dict[str, Mapping[str, object]] = {}
        self._stopped: set[str] = set()

    async def create(self, request: HttpRequest) -> Response:
        """Take a job."""
        job_id = f"job-{next(self._numbers)}"
        self._jobs[job_id] = {**(await request.json()), "at": time.monotonic()}
        return JSONResponse({"id": job_id})

    async def read(self, request: HttpRequest) -> Response:
        """Say how a job stands."""
        return JSONResponse({"state": self._state(request.path_params["id"])})

    async def stop(self, request: HttpRequest) -> Response:
        """Stop a job that has not ended."""
        job_id = request.path_params["id"]
        if self._state(job_id) == "working":
            self._stopped.add(job_id)
        return JSONResponse({})

    def _state(self, job_id: str) -> str:
        job = self._jobs[job_id]
        if job_id in self._stopped:
            return "stopped"
        if time.monotonic() - float(str(job["at"])) < float(str(job["seconds"])):
            return "working"
        return "error" if job.get("fails") else "done"

    def routes(self) -> Sequence[Route]:
        """Give the endpoints."""
        return [
            Route("/jobs", self.create, methods=["POST"]),
            Route("/jobs/{id}", self.read),
            Route("/jobs/{id}/stop", self.stop, methods=["POST"]),
        ]


@contextmanager
def served() -> Iterator[Mapping[str, str]]:
    """Serve the provider on loopback; give the variables that point taskferry at it."""
    config = uvicorn.Config(Starlette(routes=list(Jobs().routes())), port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    listener.listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield {"TASKFERRY_SLOW_BASE_URL": f"http://127.0.0.1:{listener.getsockname()[1]}", "SLOW_KEY": "sesame"}
    finally:
        server.should_exit = True
        thread.join()
