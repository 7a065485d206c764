"""Further reads that a status read leads to: the address of a file, a result's own document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from taskferry.adapter import Exchange
from taskferry.call import Purpose
from taskferry.cards.artifacts import compile_artifacts
from taskferry.cards.expression import compile_expression
from taskferry.cards.model import Card, HopSpec
from taskferry.cards.template import CallTemplate
from taskferry.cards.values import missing
from taskferry.errors import FailureKind, ProviderError
from taskferry.reply import Reply
from taskferry.status import Status
from taskferry.task import Kind, Observation


class Hop:
    """One further read."""

    def __init__(self, spec: HopSpec, card: Card, kind: Kind) -> None:
        """Take the read, and the kind of results that do not name their own."""
        self.when = spec.when
        self._template = CallTemplate(spec.call, card.headers)
        self._places = [(name, compile_expression(text)) for name, text in spec.places.items()]
        self._artifacts = compile_artifacts(spec.artifacts, card, kind)
        self._refusal_ends = spec.refusal_ends

    def follow(
        self, seen: Observation, first: Reply, document: Any, places: Mapping[str, Any]
    ) -> Exchange[Observation]:
        """Read on from the first reply, and give its observation with what was found."""
        known = {**places, **{name: self._found(expression, first, document) for name, expression in self._places}}
        try:
            reply = yield self._template.call(known, Purpose.READ)
        except ProviderError as error:
            ended = self._ended(seen, error)
            if ended is None:
                raise
            return ended
        found = self._artifacts(reply, reply.json, known, True)
        return evolve(seen, artifacts=(*seen.artifacts, *found))

    def _found(self, expression: Any, first: Reply, document: Any) -> Any:
        value = expression.of(first, document)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise missing(first, expression.text, value)
        return value

    def _ended(self, seen: Observation, error: ProviderError) -> Observation | None:
        """Give the job's failure; None for a refusal that says nothing of the job: a key, a limit, an outage."""
        failed = error.failure
        if not self._refusal_ends or failed.retryable or failed.kind is FailureKind.AUTH:
            return None
        moderated = failed.kind is FailureKind.MODERATED
        return evolve(seen, status=Status.MODERATED if moderated else Status.FAILED, failure=failed)
