"""Tripo's API v2, which the vendor shut on 2026-11-01: it reads tasks that were begun on it and starts none."""

from __future__ import annotations

from collections.abc import Sequence

from taskferry import (
    JSON,
    Accepted,
    Balance,
    Call,
    Exchange,
    Failure,
    Observation,
    Operation,
    Reply,
    Request,
    Service,
    Unsupported,
)
from taskferry_tripo.account import account_balance
from taskferry_tripo.decode import fetched, task_id_of
from taskferry_tripo.errors import reply_failure
from taskferry_tripo.operations import OPERATIONS


class TripoV2Adapter:
    """Tripo 3D, API v2: for tasks that the ledger still holds, and for servers that stand in for it.

    For mainland China set `TASKFERRY_TRIPO_BASE_URL=https://api.tripo3d.com`.
    """

    service = Service(
        base_url="https://api.tripo3d.ai",
        key_variables=("TRIPO_API_KEY",),
        key_url="https://developers.tripo3d.ai",
        trace_headers=("x-tripo-trace-id", "x-request-id"),
        not_accepted=(429,),
    )
    operations: Sequence[Operation] = OPERATIONS

    def submit(self, request: Request) -> Exchange[Accepted]:
        """Refuse before anything is sent; the job is to go to v3."""
        yield from ()  # makes this the generator that the contract wants
        raise Unsupported(
            f"{request.operation.name} was not sent: Tripo shut its API v2 on 2026-11-01 (00:00 UTC+8)."
            " Submit it with generation v3, the default."
        )

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        """Look at a task that was begun on v2."""
        reply = yield Call.get("/v2/openapi/task/{task_id}", task_id=task_id_of(remote))
        return fetched(reply)

    def failure(self, reply: Reply) -> Failure | None:
        """Read the error envelope, which v3 has kept."""
        return reply_failure(reply)

    def balance(self) -> Exchange[Balance]:
        """Ask for the account's credits."""
        reply = yield Call.get("/v2/openapi/user/balance")
        return account_balance(reply)

    def remote_from_id(self, text: str, request: Request) -> JSON:  # noqa: ARG002 -- every kind of task has the same ids
        """Take the task id that Tripo's console shows."""
        return {"task_id": text.strip()}
