"""The look through a card: one call, one decoded reply, one observation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from taskferry.call import Call, Purpose
from taskferry.cards.artifacts import compile_artifacts
from taskferry.cards.expression import Expression, compile_expression, scope
from taskferry.cards.failing import ended_without_success, job_failure
from taskferry.cards.model import Card, CostSpec, FetchSpec
from taskferry.cards.template import CallTemplate
from taskferry.cards.values import as_amount, as_count, as_fraction, as_number, as_text, missing
from taskferry.cost import Cost
from taskferry.errors import FailureKind
from taskferry.reply import Reply
from taskferry.status import Status
from taskferry.task import Kind, Observation
from taskferry.text import clean

Places = Mapping[str, Any]


class Look:
    """How one card, or one operation of it, looks at a job; everything that can be prepared is."""

    def __init__(self, spec: FetchSpec, card: Card, kind: Kind) -> None:
        """Take the look, and the kind of results that do not name their own."""
        status = card.status
        self._template = CallTemplate(spec.call, card.headers)
        self._errors = card.errors
        self._want_body = spec.want_body
        self._words = {word.casefold() if status.any_case else word: what for word, what in status.words.items()}
        self._any_case = status.any_case
        self._unknown = status.unknown
        self._status = compile_expression(spec.status)
        self._message, self._code = _optional(spec.message), _optional(spec.code)
        self._details = _details(spec)
        self._artifacts = compile_artifacts(spec.artifacts, card, kind) if spec.artifacts else None
        used = [self._status, *(expression for _, expression, _ in self._details)]
        self._uses = frozenset[str]().union(*(expression.uses for expression in used))
        self._read_status = self._status.read
        self._steps = [(name, bool(one.uses), one.read, convert) for name, one, convert in self._details]

    def call(self, places: Places) -> Call:
        """Give the status read of a job."""
        return self._template.call(places, Purpose.READ, want_body=self._want_body)

    def document(self, reply: Reply) -> Any:
        """Give the reply's document, None where the same address serves the file itself; raise MalformedReply."""
        return reply.json if self._want_body else None

    def read(self, reply: Reply, places: Places) -> Observation:
        """Give what a reply shows; raise MalformedReply where it shows no status."""
        document = reply.json if self._want_body else None
        uses = self._uses
        everything = scope(reply, document, uses, {}) if uses else document
        word = self._read_status(everything if self._status.uses else document)
        if word.__class__ is not str or not word:
            word = self._word(reply, word)
        status = self._words.get(word.casefold() if self._any_case else word, self._unknown)
        seen: dict[str, Any] = {}
        for name, scoped, read, convert in self._steps:
            value = read(everything if scoped else document)
            if value is not None:
                seen[name] = convert(value)
        if ended_without_success(status):
            status, seen["failure"] = self._end(reply, document, status)
        if self._artifacts is not None:
            found = tuple(self._artifacts(reply, document, places, status is Status.SUCCEEDED))
            return Observation(provider_status=word, status=status, artifacts=found, **seen)
        return Observation(provider_status=word, status=status, **seen)

    def _word(self, reply: Reply, found: Any) -> str:
        word = as_text(found)
        if word is None:
            raise missing(reply, self._status.text, found)
        return word

    def _end(self, reply: Reply, document: Any, status: Status | None) -> tuple[Status | None, Any]:
        if status is None:
            return None, None
        message = None if self._message is None else self._message.of(reply, document)
        code = None if self._code is None else self._code.of(reply, document)
        failed = job_failure(self._errors, reply, status, message, code)
        if failed is not None and failed.kind is FailureKind.MODERATED and status is Status.FAILED:
            return Status.MODERATED, failed
        return status, failed


def cost_of(spec: CostSpec, value: object) -> Cost | None:
    """Give the cost that a reply names; None for what is no amount."""
    amount = as_amount(value, spec.scale)
    if amount is None:
        return None
    return Cost(actual=amount, unit=spec.unit) if spec.actual else Cost(estimated=amount, unit=spec.unit)


def _optional(text: str | None) -> Expression | None:
    return None if text is None else compile_expression(text)


Detail = tuple[str, Expression, Callable[[Any], Any]]


def _details(spec: FetchSpec) -> list[Detail]:
    """Give what else is read of a reply: the observation's field, where it is, and what is made of it."""
    cost = spec.cost
    rows: list[tuple[str, str | None, Callable[[Any], Any]]] = [
        ("progress", spec.progress, _divided(as_fraction, spec.progress_scale)),
        ("queue_position", spec.queue_position, as_count),
        ("eta", spec.eta, _divided(as_number, spec.eta_scale)),
        ("retry_after", spec.retry_after, _divided(as_number, spec.retry_after_scale)),
        ("trace_id", spec.trace_id, lambda value: clean(text, 100) if (text := as_text(value)) else None),
        ("cost", None if cost is None else cost.at, lambda value: None if cost is None else cost_of(cost, value)),
    ]
    return [(name, compile_expression(text), convert) for name, text, convert in rows if text is not None]


def _divided(convert: Callable[[Any], float | None], scale: float) -> Callable[[Any], float | None]:
    if scale == 1:
        return convert

    def divided(value: Any) -> float | None:
        number = convert(value)
        return None if number is None else number / scale

    return divided
