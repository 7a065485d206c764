"""What the compiled adapter reads from an example, under the names that examples expect things by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskferry.adapter import Accepted, Adapter, Balance, Cancels, Candidate, HasBalance, ListsRecent, Request
from taskferry.cards.checking.driving import driven, reply_of
from taskferry.cards.example import example_parameters
from taskferry.cards.model import Card, Example
from taskferry.cards.submitting import RemoteReader
from taskferry.cost import Cost
from taskferry.errors import Failure
from taskferry.task import Observation

TASK = "01example0000000000000000"
Reading = Mapping[str, Any]


class Readings:
    """Reads examples with the adapter that their card compiles to; its methods raise TaskferryError."""

    def __init__(self, card: Card, adapter: Adapter) -> None:
        self._card = card
        self._adapter = adapter

    def submit(self, example: Example, operation: str) -> Reading:
        """Read the reply to a create."""
        accepted = self._accepted(example, operation)
        seen = accepted.observation
        return {
            "remote": {name: value for name, value in dict(accepted.remote).items() if name in self._names(operation)},  # type: ignore[arg-type]  # a card's remote is a table
            "status": None if seen is None or seen.status is None else seen.status.value,
            "cost": _cost(accepted.cost),
        }

    def fetch(self, example: Example, operation: str) -> Reading:
        """Read the reply to a look; the reads that it leads to get the examples of `then` in their order."""
        hops = [one for one in self._card.examples if one.of == "then" and one.operation in (None, operation)]
        return _observed(self._observed(example, operation, hops))

    def then(self, example: Example, operation: str) -> Reading:
        """Read the reply to a further read, after the first look that leads to one."""
        for first in self._card.examples:
            if first.of == "fetch" and first.operation in (None, operation):
                seen = self._observed(first, operation, [])
                after = self._observed(first, operation, [example])
                if after != seen:
                    return _observed(after)
        return {}

    def error(self, example: Example, _: str) -> Reading:
        """Read a refusal."""
        failed = self._adapter.failure(reply_of(example, self._adapter))
        return {"kind": None} if failed is None else _failed(failed)

    def recent(self, example: Example, operation: str) -> Reading:
        """Read the list of latest jobs."""
        assert isinstance(self._adapter, ListsRecent), "an example of a table that the card lacks was refused before"
        exchange = self._adapter.recent(self._request(operation))
        listed: list[Candidate] = list(driven(exchange, self._adapter, [reply_of(example, self._adapter)]))
        if not listed:
            return {"count": 0}
        first = listed[0]
        return {
            "count": len(listed),
            "remote": first.remote,
            "created_at": first.created_at,
            "prompt": first.prompt,
            "type": first.provider_type,
            "status": first.provider_status,
        }

    def balance(self, example: Example, _: str) -> Reading:
        """Read the balance."""
        assert isinstance(self._adapter, HasBalance), "an example of a table that the card lacks was refused before"
        balance: Balance = driven(self._adapter.balance(), self._adapter, [reply_of(example, self._adapter)])
        return {"available": balance.available, "unit": balance.unit}

    def cancel(self, example: Example, operation: str) -> Reading:
        """Read the answer to a cancel."""
        assert isinstance(self._adapter, Cancels), "an example of a table that the card lacks was refused before"
        exchange = self._adapter.cancel(self.remote(operation))
        return {"outcome": driven(exchange, self._adapter, [reply_of(example, self._adapter)]).value}

    def webhook(self, example: Example, _: str) -> Reading:
        """Read what a webhook is about."""
        spec = self._card.webhook
        assert spec is not None, "an example of a table that the card lacks was refused before"
        reply = reply_of(example, self._adapter)
        return {"remote": RemoteReader(spec.remote, None)(reply, example.body, {})}

    def remote(self, operation: str) -> Any:
        """Give the `remote` of an example's job; a made-up one where no example of a submit can be read."""
        for example in self._card.examples:
            if example.of == "submit" and example.operation in (None, operation):
                return self._accepted(example, operation).remote
        url = f"{self._adapter.service.base_url}/example"
        made = {name: url if "url" in name else "example" for name in self._names(operation)}
        return {**made, "operation": operation}

    def _names(self, operation: str) -> Mapping[str, str]:
        return self._card.operations[operation].submit.remote

    def parameters(self, operation: str) -> dict[str, Any]:
        """Give the parameters that an operation's examples are read for."""
        spec = self._card.operations[operation]
        return example_parameters(spec.schema, spec.example)

    def _request(self, operation: str) -> Request:
        full = f"{self._card.name}/{operation}"
        offered = next(one for one in self._adapter.operations if one.name == full)
        return Request(task_id=TASK, operation=offered, parameters=self.parameters(operation))

    def _accepted(self, example: Example, operation: str) -> Accepted:
        exchange = self._adapter.submit(self._request(operation))
        accepted: Accepted = driven(exchange, self._adapter, [reply_of(example, self._adapter)])
        return accepted

    def _observed(self, example: Example, operation: str, hops: list[Example]) -> Observation:
        replies = [reply_of(one, self._adapter) for one in (example, *hops)]
        seen: Observation = driven(self._adapter.fetch(self.remote(operation)), self._adapter, replies)
        return seen


def _observed(seen: Observation) -> Reading:
    return {
        "status": None if seen.status is None else seen.status.value,
        "provider_status": seen.provider_status,
        "progress": seen.progress,
        "queue_position": seen.queue_position,
        "eta": seen.eta,
        "retry_after": seen.retry_after,
        "trace_id": seen.trace_id,
        "cost": _cost(seen.cost),
        "artifacts": [artifact.name for artifact in seen.artifacts],
        **({} if seen.failure is None else _failed(seen.failure)),
    }


def _failed(failed: Failure) -> Reading:
    return {
        "kind": failed.kind.value,
        "message": failed.message,
        "code": failed.code,
        "suggestion": failed.suggestion,
    }


def _cost(cost: Cost | None) -> str | None:
    known = None if cost is None else cost.known
    return None if known is None else str(known)
