"""VAP, API generation V3: `https://api.vapagent.com/v3`, as the vendor's papers and clients use it."""

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
from taskferry_vap.account import account_balance
from taskferry_vap.errors import reply_failure
from taskferry_vap.forms import FORMS, PLACES, form_of
from taskferry_vap.health import Health, answering_generation, health
from taskferry_vap.jobs import begin, look
from taskferry_vap.operations import OPERATIONS
from taskferry_vap.prices import price
from taskferry_vap.recent import candidates
from taskferry_vap.trial import used_up
from taskferry_vap.webhooks import verified_remote

LISTED = 50
"""Tasks that one listing shows at most."""

SERVICE = Service(
    base_url="https://api.vapagent.com",
    key_variables=("VAP_API_KEY", "VAPE_API_KEY"),
    key_url="https://vapagent.com",
    requests_per_minute=1000,  # of the highest tier; lower ones answer 429 and say when to come back
)
"""The same for every generation."""


class VapAdapter:
    """VAP V3. It cannot cancel: no paper or client of the vendor's knows a way to."""

    service: Service = SERVICE
    operations: Sequence[Operation] = OPERATIONS
    recent_is_complete = False
    """Only the vendor's SDK knows the listing, and nothing says how soon a task is on it."""

    def submit(self, request: Request) -> Exchange[Accepted]:
        """Begin a job."""
        return begin(form_of(FORMS, request.operation.name), request)

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        """Look at a job."""
        return look(PLACES, remote)

    def failure(self, reply: Reply) -> Failure | None:
        """Read the failure of a reply; a failed task is not one."""
        return used_up(reply, reply_failure(reply))

    def recent(self, request: Request) -> Exchange[Sequence[Candidate]]:
        """List the account's latest tasks of the request's kind; a trial has no account."""
        if not request.operation.needs_key:
            return ()
        reply = yield Call.get("/v3/tasks", params={"limit": LISTED})
        return candidates(reply.at("tasks", list), form_of(FORMS, request.operation.name))

    def remote_from_id(self, text: str, request: Request) -> JSON:
        """Give the `remote` of the job with this id."""
        form = form_of(FORMS, request.operation.name)
        return {next(iter(form.ids.values())): text, "kind": form.kind}

    def pick_generation(self) -> Exchange[str]:
        """Ask whether V3 still answers; if it is gone, new jobs go to v1."""
        return answering_generation()

    def health(self) -> Exchange[Health]:
        """Ask the service how it is."""
        return health()

    def balance(self) -> Exchange[Balance]:
        """Ask what the account has left."""
        return account_balance()

    def estimate(self, request: Request) -> Amount | None:
        """Give the price by the last published list; the create reply has VAP's own."""
        return price(request.operation, request.parameters)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, secret: str, now: float) -> JSON:
        """Check a webhook and give the `task_id` that it is about, which is a part of the job's `remote`."""
        return verified_remote(headers, body, secret, now)
