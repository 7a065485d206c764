"""What an account's provider lists: its latest jobs, and what is left on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskferry.adapter import Balance, Candidate, Exchange, Request
from taskferry.call import Purpose
from taskferry.cards.expression import compile_expression
from taskferry.cards.model import BalanceSpec, OperationSpec, RecentSpec
from taskferry.cards.submitting import RemoteReader
from taskferry.cards.template import CallTemplate
from taskferry.cards.values import as_amount, as_moment, as_text, missing
from taskferry.cards.wiring import with_defaults
from taskferry.reply import Reply
from taskferry.task import JSON


class Recent:
    """How a card's provider lists the account's latest jobs."""

    def __init__(
        self,
        spec: RecentSpec,
        headers: Mapping[str, str],
        operations: Mapping[str, OperationSpec],
        remotes: Mapping[str, RemoteReader],
    ) -> None:
        """Take the listing, and what a submit keeps, by operation: what is found again has to look the same."""
        self._operations = operations
        self._template = CallTemplate(spec.call, headers)
        self._each = compile_expression(spec.each)
        self._readers = {
            operation: RemoteReader(
                {name: spec.remote.get(name, kept.text) for name, kept in reader.expressions.items()}, reader.operation
            )
            for operation, reader in remotes.items()
        }
        texts = {"created_at": spec.created_at, "prompt": spec.prompt, "type": spec.type, "status": spec.status}
        self._details = {name: compile_expression(text) for name, text in texts.items() if text is not None}

    def list(self, request: Request) -> Exchange[Sequence[Candidate]]:
        """List the latest jobs."""
        reply = yield self._template.call({"task_id": request.task_id}, Purpose.READ)
        items = self._each.of(reply, reply.json)
        if not isinstance(items, list):
            raise missing(reply, self._each.text, items)
        name = request.operation.name.partition("/")[2]
        parameters = with_defaults(self._operations[name], request.parameters)
        return [self._candidate(reply, item, self._readers[name](reply, item, parameters)) for item in items]

    def _candidate(self, reply: Reply, item: Any, remote: JSON) -> Candidate:
        found = {name: expression.of(reply, item) for name, expression in self._details.items()}
        return Candidate(
            remote=remote,
            created_at=as_moment(found.get("created_at")),
            prompt=as_text(found.get("prompt")),
            provider_type=as_text(found.get("type")),
            provider_status=as_text(found.get("status")),
        )


class Account:
    """How a card's provider tells the balance."""

    def __init__(self, spec: BalanceSpec, headers: Mapping[str, str]) -> None:
        self._spec = spec
        self._template = CallTemplate(spec.call, headers)
        self._available = compile_expression(spec.available)

    def read(self) -> Exchange[Balance]:
        """Ask for the balance."""
        reply = yield self._template.call({}, Purpose.READ)
        found = self._available.of(reply, reply.json)
        amount = as_amount(found, self._spec.scale)
        if amount is None:
            raise missing(reply, self._available.text, found)
        return Balance(available=amount, unit=self._spec.unit)
