"""Tripo's API v3, read 2026-11-21 from its SDK 1.0.0, its migration guide and copies of its documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskferry import (
    JSON,
    Accepted,
    Amount,
    Balance,
    Call,
    Candidate,
    Exchange,
    Failure,
    Observation,
    Operation,
    Reply,
    Request,
    Service,
)
from taskferry_tripo.account import account_balance
from taskferry_tripo.decode import created_task_id, fetched, observation, observations, task_id_of
from taskferry_tripo.errors import reply_failure
from taskferry_tripo.operations import CAPABILITIES, OPERATIONS
from taskferry_tripo.recent import ROWS, candidates, usage_rows
from taskferry_tripo.uploads import with_tokens
from taskferry_tripo.webhooks import verified_remote


class TripoAdapter:
    """Tripo 3D, API v3. It has neither an idempotency key nor a way to cancel.

    A key works in one region only: for mainland China set `TASKFERRY_TRIPO_BASE_URL=https://openapi.tripo3d.com`.
    """

    service = Service(
        base_url="https://openapi.tripo3d.ai",
        key_variables=("TRIPO_API_KEY",),
        key_url="https://developers.tripo3d.ai",
        trace_headers=("x-tripo-trace-id", "x-request-id"),
        not_accepted=(429,),
    )
    operations: Sequence[Operation] = OPERATIONS
    fetch_many_limit = 100
    recent_is_complete = False
    """Tripo does not say how soon its usage listing shows a job."""

    def submit(self, request: Request) -> Exchange[Accepted]:
        """Upload what is local, then create the task."""
        capability = CAPABILITIES[request.operation.name]
        parameters = yield from with_tokens(request)
        reply = yield Call.create(capability.path, json=capability.body(parameters))
        task_id = created_task_id(reply)
        said = reply.at("data", dict)
        return Accepted(remote={"task_id": task_id}, observation=observation(said) if said.get("status") else None)

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        """Look at the task; a look at a finished one brings freshly signed URLs."""
        reply = yield Call.get("/v3/tasks/{task_id}", task_id=task_id_of(remote))
        return fetched(reply)

    def fetch_many(self, remotes: Sequence[JSON]) -> Exchange[Sequence[Observation | None]]:
        """Look at up to 100 tasks; those that Tripo lists as missed, or not at all, are None."""
        task_ids = [task_id_of(remote) for remote in remotes]
        reply = yield Call.query("/v3/tasks/list", json={"task_ids": task_ids})
        return observations(reply, task_ids)

    def failure(self, reply: Reply) -> Failure | None:
        """Read Tripo's error envelope."""
        return reply_failure(reply)

    def estimate(self, request: Request) -> Amount | None:
        """Give the price by the list."""
        capability = CAPABILITIES[request.operation.name]
        return capability.price(capability.body(request.parameters))

    def balance(self) -> Exchange[Balance]:
        """Ask for the account's credits."""
        reply = yield Call.get("/v3/account/balance")
        return account_balance(reply)

    def remote_from_id(self, text: str, request: Request) -> JSON:  # noqa: ARG002 -- every kind of task has the same ids
        """Take the task id that Tripo's console shows."""
        return {"task_id": text.strip()}

    def recent(self, request: Request) -> Exchange[Sequence[Candidate]]:
        """List what the account was billed for lately, then read those tasks, for only they hold the prompt."""
        usage = yield Call.get("/v3/account/usage", params={"limit": ROWS, "offset": 0})
        rows = usage_rows(usage, request.operation.name)
        if not rows:
            return ()
        listed = yield Call.query("/v3/tasks/list", json={"task_ids": [row["task_id"] for row in rows]})
        tasks = listed.at("data.tasks", dict, default={})
        return candidates(rows, tasks, request)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, secret: str, now: float) -> JSON:
        """Check the signature and give the task's `remote`; None for an event about no task."""
        return verified_remote(headers, body, secret, now)
