"""VAP, API generation V3: `https://api.vapagent.com/v3/tasks`, as the vendor's papers and clients use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskferry import (
    JSON,
    Accepted,
    Amount,
    Balance,
    Call,
    Candidate,
    Exchange,
    Failure,
    MalformedReply,
    Observation,
    Operation,
    ProviderError,
    Reply,
    Request,
    Service,
    UsageError,
    decimal,
    dig,
)
from taskferry_vap.decode import OUTPUTS, candidates, observation, type_of
from taskferry_vap.errors import reply_failure
from taskferry_vap.operations import OPERATIONS, body_of, kind_of
from taskferry_vap.prices import price

LISTED = 50
"""Tasks that one listing shows at most."""


class VapAdapter:
    """VAP V3. It cannot cancel: no paper or client of the vendor's knows a way to."""

    service: Service = Service(
        base_url="https://api.vapagent.com",
        key_variables=("VAP_API_KEY", "VAPE_API_KEY"),
        key_url="https://vapagent.com",
        requests_per_minute=1000,  # of the highest tier; lower ones answer 429 and say when to come back
    )
    operations: Sequence[Operation] = OPERATIONS
    recent_is_complete = False
    """Only the vendor's SDK knows the listing, and nothing says how soon a task is on it."""

    def submit(self, request: Request) -> Exchange[Accepted]:
        """Start a task; the reply's `estimated_cost` is what VAP reserves."""
        kind = kind_of(request.operation)
        reply = yield Call.create("/v3/tasks", json=body_of(kind, request.parameters))
        task_id = reply.at("task_id", str)
        if not task_id.strip():
            raise MalformedReply("VAP answered the create with an empty task_id.")
        seen = observation(reply.json, kind)
        return Accepted(remote={"task_id": task_id, "kind": kind}, observation=seen, cost=seen.cost)

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        """Look at a task; what its URLs are follows from the kind that it was submitted as."""
        task_id, kind = dig(remote, "task_id"), dig(remote, "kind")
        if not isinstance(task_id, str) or kind not in OUTPUTS:
            raise UsageError(f"{remote!r} names no VAP task: it takes a task_id, and a kind of {', '.join(OUTPUTS)}.")
        reply = yield Call.get("/v3/tasks/{task_id}", task_id=task_id)
        reply.at("status", str)  # a body without one is no task
        told = type_of(reply.json)
        if told not in (kind, None):
            raise MalformedReply(f"VAP says that task {task_id} is of type {told}, not {kind}.")
        return observation(reply.json, kind)

    def failure(self, reply: Reply) -> Failure | None:
        """Read the failure of a reply; a failed task is not one."""
        return reply_failure(reply)

    def recent(self, request: Request) -> Exchange[Sequence[Candidate]]:
        """List the account's latest tasks of the request's kind."""
        reply = yield Call.get("/v3/tasks", params={"limit": LISTED})
        return candidates(reply.at("tasks", list), kind_of(request.operation))

    def remote_from_id(self, text: str, request: Request) -> JSON:
        """Give the `remote` of the task with this id."""
        return {"task_id": text, "kind": kind_of(request.operation)}

    def balance(self) -> Exchange[Balance]:
        """Ask what the account has left, at the documented place, then at the SDK's."""
        try:
            reply = yield Call.get("/v3/agents/me/balance")
        except ProviderError as error:
            if error.failure.http_status != 404:
                raise
            reply = yield Call.get("/v3/balance")
        amounts: Mapping[str, Any] = reply.json if isinstance(reply.json, Mapping) else {}
        usable, whole = decimal(amounts.get("usable")), decimal(amounts.get("balance"))
        available = whole if usable is None else usable
        if available is None:
            raise MalformedReply("VAP answered with a balance that has neither `usable` nor `balance` as an amount.")
        unit = reply.at("currency", str, default="USD")
        return Balance(available=available, unit=unit, reserved=decimal(amounts.get("reserved")))

    def estimate(self, request: Request) -> Amount | None:
        """Give the price by the last published list; the create reply has VAP's own."""
        return price(kind_of(request.operation), request.parameters)
