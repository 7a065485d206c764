"""The public API as its users see it: type-checked by mypy, never executed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import assert_type

from taskferry import (
    JSON,
    Accepted,
    Adapter,
    Amount,
    Artifact,
    Balance,
    Call,
    CancelOutcome,
    Cancels,
    Change,
    Estimates,
    Exchange,
    Failure,
    FailureKind,
    Ferry,
    FetchesMany,
    FilePart,
    Finished,
    HeaderKey,
    InvalidParameters,
    Observation,
    Operation,
    Problem,
    Provider,
    Registry,
    Reply,
    Request,
    Service,
    Snapshot,
    Status,
    StillRunning,
    Task,
    Token,
    Typical,
    dig,
    failure_from_status,
    hookimpl,
    local_file,
)
from taskferry.sync import Ferry as SyncFerry


async def submit_and_wait(folder: Path) -> None:
    """Embed taskferry in an async program."""
    async with Ferry(home=folder, keys={"acme": "key"}, base_urls={"acme": "http://127.0.0.1:8000"}) as ferry:
        assert_type(ferry, Ferry)
        assert_type(ferry.registry, Registry)
        task = await ferry.submit("acme/image", {"seed": 7}, prompt="a fox", max_cost="1.50 USD", folder=folder)
        assert_type(task.id, str)
        assert_type(task.token, Token)
        assert_type(task.duplicate, bool)
        async for snapshot in task.updates():
            assert_type(snapshot, Snapshot)
            assert_type(snapshot.progress, float | None)
        match await task.wait(timeout=30):
            case Finished(snapshot):
                assert_type(snapshot.failure, Failure | None)
            case StillRunning(token):
                resumed = await ferry.resume(str(token))
                assert_type(await resumed.refresh(), Snapshot)
        assert_type(await task.save("out"), list[Artifact])
        assert_type(await task.cancel(), CancelOutcome)
        assert_type(await ferry.balance("acme"), Balance)
        assert_type(ferry.quote("acme/image", prompt="a fox"), Amount | None)
        assert_type((await ferry.reconcile(task.id, abandon=True)).outcome, str)
        takes_any_task(task)


def takes_any_task(task: Task) -> Snapshot:
    """Write code that does not care whose task it is."""
    return task.snapshot


def submit_and_wait_without_await() -> None:
    """Embed taskferry in a plain program."""
    with SyncFerry(home="here") as ferry:
        task = ferry.submit("acme/video", prompt="waves", duration=6)
        for snapshot in task.updates():
            assert_type(snapshot.status, Status)
        outcome = task.wait(timeout=30)
        assert_type(outcome, Finished | StillRunning)
        assert_type(task.save(), list[Artifact])
        assert_type([one.id for one in ferry.resume_all()], list[str])


def read_a_snapshot(snapshot: Snapshot) -> None:
    """Look at what a task is."""
    assert_type(snapshot.status.terminal, bool)
    assert_type(snapshot.cost.actual, Decimal | None)
    assert_type(snapshot.cost.known, Amount | None)
    for artifact in snapshot.artifacts:
        assert_type(artifact.path, Path | None)
    if snapshot.failure is not None:
        assert_type(snapshot.failure.kind, FailureKind)


def read_an_error(error: InvalidParameters) -> None:
    """Show every problem."""
    assert_type(error.problems, tuple[Problem, ...])


IMAGE = Operation(
    name="acme/image",
    title="Image",
    description="An image.",
    kind="image",
    parameters={"type": "object", "properties": {"prompt": {"type": "string"}}},
    typical=Typical(median=5, slow=20),
    price=Amount(value=Decimal("0.18"), unit="USD"),
)


class AcmeAdapter:
    """An adapter with every kind of call, and some of the optional abilities."""

    service: Service = Service(base_url="https://api.acme.example", scheme=HeaderKey(name="x-key"), key_variables=["K"])
    operations: Sequence[Operation] = (IMAGE,)
    fetch_many_limit: int = 20

    def submit(self, request: Request) -> Exchange[Accepted]:
        """Upload, then create."""
        body = dict(request.parameters)
        if (path := local_file(body.get("image"))) is not None:
            uploaded = yield Call.upload("/files", FilePart(path=path))
            body["image"] = uploaded.at("id", str)
        reply = yield Call.create("/jobs", json=body)
        return Accepted(remote={"id": reply.at("id", str)})

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        """Look at one job."""
        reply = yield Call.get("/jobs/{id}", id=dig(remote, "id"))
        assert_type(reply, Reply)
        assert_type(reply.at("percent", float, default=None, scale=100), float | None)
        assert_type(reply.at("state", str, default=None), str | None)
        return Observation(provider_status=reply.at("state", str), status=Status.RUNNING)

    def fetch_many(self, remotes: Sequence[JSON]) -> Exchange[Sequence[Observation | None]]:
        """Look at many."""
        yield Call.query("/jobs/batch", json=list(remotes))
        return [None for _ in remotes]

    def cancel(self, remote: JSON) -> Exchange[CancelOutcome]:
        """Stop one."""
        yield Call.post("/jobs/{id}/cancel", free=True, id=dig(remote, "id"))
        return CancelOutcome.ACCEPTED

    def estimate(self, request: Request) -> Amount | None:
        """Give the price."""
        return request.operation.price

    def failure(self, reply: Reply) -> Failure | None:
        """Read an error envelope."""
        return failure_from_status(reply, message="error.message", kinds={"E1": FailureKind.FUNDS})


adapter: Adapter = AcmeAdapter()
fetches_many: FetchesMany = AcmeAdapter()
cancels: Cancels = AcmeAdapter()
estimates: Estimates = AcmeAdapter()


class Plugin:
    """A plugin's hooks."""

    @hookimpl
    def taskferry_task_changed(self, change: Change) -> None:
        """Observe."""
        assert_type(change.before, Snapshot | None)
        assert_type(change.after.status, Status)


provider = Provider(name="acme", title="Acme", adapters={"v1": "taskferry_acme.adapter:AcmeAdapter"})
