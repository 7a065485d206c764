"""VAP, Media API v1: `https://api.vapagent.com/api/v1`, the newest generation, of which little is documented."""

from __future__ import annotations

from collections.abc import Sequence

from taskferry import (
    JSON,
    Accepted,
    Amount,
    Balance,
    Exchange,
    Failure,
    Observation,
    Operation,
    Reply,
    Request,
    Service,
)
from taskferry_vap.account import account_balance
from taskferry_vap.adapter import SERVICE
from taskferry_vap.errors import reply_failure
from taskferry_vap.forms import V1_FORMS, V1_PLACES, form_of
from taskferry_vap.jobs import begin, look
from taskferry_vap.operations import V1_OPERATIONS
from taskferry_vap.prices import price


class VapV1Adapter:
    """VAP v1: it makes and edits media; its papers know no list, no cancel and no webhooks."""

    service: Service = SERVICE
    operations: Sequence[Operation] = V1_OPERATIONS

    def submit(self, request: Request) -> Exchange[Accepted]:
        """Begin a job."""
        return begin(form_of(V1_FORMS, request.operation.name), request)

    def fetch(self, remote: JSON) -> Exchange[Observation]:
        """Look at a job."""
        return look(V1_PLACES, remote)

    def failure(self, reply: Reply) -> Failure | None:
        """Read the failure of a reply, by the errors that V3 documents; v1 documents none."""
        return reply_failure(reply)

    def remote_from_id(self, text: str, request: Request) -> JSON:
        """Give the `remote` of the job with this id."""
        form = form_of(V1_FORMS, request.operation.name)
        return {next(iter(form.ids.values())): text, "kind": form.kind}

    def balance(self) -> Exchange[Balance]:
        """Ask what the account has left, at V3's places: v1 documents none of its own."""
        return account_balance()

    def estimate(self, request: Request) -> Amount | None:
        """Give the price by the last published list."""
        return price(request.operation, request.parameters)
