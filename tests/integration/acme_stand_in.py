"""A stand-in of a provider that does not exist, and a client of it, for the tests of the toolkit."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import httpx
from starlette.responses import JSONResponse, Response

from taskferry.sandbox import (
    Context,
    Endpoint,
    Job,
    Media,
    Problem,
    Rate,
    RespondWith,
    Running,
    StandIn,
    running,
)

CONTENT = bytes(range(200))


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Acme(StandIn):
    """One endpoint to create, one to read, one to read many."""

    name = "acme"
    key_variable = "ACME_KEY"
    opening_balance = Decimal(100)
    rates = {"requests": Rate(30)}  # noqa: RUF012  # read only, as the toolkit declares it
    concurrency = {"jobs": 2}  # noqa: RUF012  # read only, as the toolkit declares it
    url_life = 60.0

    def endpoints(self) -> Sequence[Endpoint]:
        return [
            Endpoint(method="POST", path="/jobs", handler=self.create_job, kind="create"),
            Endpoint(method="POST", path="/jobs/batch", handler=self.read_jobs, kind="read"),
            Endpoint(method="GET", path="/jobs/{id}", handler=self.read_job, kind="read"),
            Endpoint(method="GET", path="/balance", handler=self.balance),
            Endpoint(method="GET", path="/health", handler=self.health, key=False, bucket=None),
        ]

    def example_key(self) -> str:
        return "acme-key"

    def account_key(self, context: Context) -> str | None:
        return context.request.headers.get("x-key")

    def status(self, job: Job, now: float) -> str:
        return job.at(now).stage.value

    def problem(self, context: Context, problem: Problem, **details: Any) -> Response:
        return JSONResponse({"problem": problem, **{k: str(v) for k, v in details.items()}}, status_code=418)

    def refusal(self, context: Context, code: str) -> Response:
        return JSONResponse({"code": code}, status_code=409)

    def produce(self, job: Job, name: str) -> Media:
        return {"result.bin": Media(CONTENT, "application/octet-stream")}[name]

    async def create_job(self, context: Context) -> Response:
        body = await context.json()
        job = self.create(
            context,
            type="thing",
            prompt=body["prompt"],
            price=Decimal(body.get("price", 10)),
            queue=10,
            run=20,
            input=body,
            group="jobs",
        )
        return JSONResponse({"id": job.id})

    async def read_job(self, context: Context) -> Response:
        job_id = context.request.path_params["id"]
        job = self.read(context, [job_id]).get(job_id)
        if job is None:
            raise RespondWith(JSONResponse({}, status_code=404))
        document = {"status": self.status(job, context.now)}
        if job.has_output(context.now):
            document["url"] = self.file_url(context, job, "result.bin")
        return JSONResponse(document)

    async def read_jobs(self, context: Context) -> Response:
        jobs = self.read(context, (await context.json())["ids"])
        return JSONResponse({job_id: self.status(job, context.now) for job_id, job in jobs.items()})

    async def balance(self, context: Context) -> Response:
        return JSONResponse({"usable": str(context.account.usable), "balance": str(context.account.balance)})

    async def health(self, context: Context) -> Response:
        return JSONResponse({})


class Wire:
    """A client of a running stand-in, and its clock."""

    def __init__(self, server: Running, clock: Clock, client: httpx.Client) -> None:
        self.server, self.clock, self.client = server, clock, client

    def create(self, prompt: str, **body: Any) -> httpx.Response:
        return self.client.post("/jobs", json={"prompt": prompt, **body})

    def created(self, prompt: str, **body: Any) -> str:
        return str(self.create(prompt, **body).json()["id"])

    def read(self, job_id: str) -> httpx.Response:
        return self.client.get(f"/jobs/{job_id}")

    def finished(self, prompt: str) -> str:
        """Create a job, let it finish and give its file's URL."""
        job_id = self.created(prompt)
        self.clock.now += 30
        return str(self.read(job_id).json()["url"])

    def tasks(self) -> list[dict[str, Any]]:
        return list(self.client.get("/_sandbox/tasks").json()["tasks"])

    def requests(self) -> list[dict[str, Any]]:
        return list(self.client.get("/_sandbox/requests").json()["requests"])

    def post_fault(self, **fault: Any) -> httpx.Response:
        return self.client.post("/_sandbox/faults", json=fault)


@contextlib.contextmanager
def hosted() -> Iterator[tuple[Running, Clock]]:
    """Run the stand-in on a clock that moves when told."""
    clock = Clock()
    with running({"acme": Acme}, clock=clock) as servers:
        yield servers["acme"], clock


@contextlib.contextmanager
def connected(server: tuple[Running, Clock]) -> Iterator[Wire]:
    """Give a client with a key, at a stand-in that has forgotten everything."""
    acme, clock = server
    with httpx.Client(base_url=acme.base_url, headers={"x-key": "one"}) as client:
        client.post("/_sandbox/reset")
        yield Wire(acme, clock, client)
