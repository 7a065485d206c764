"""Whether each expression of a card finds something in the examples of its call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from taskferry.adapter import Adapter
from taskferry.cards.checking.driving import reply_of
from taskferry.cards.expression import compile_expression
from taskferry.cards.model import ArtifactSpec, Card, CostSpec, Example, FetchSpec, OperationSpec
from taskferry.cards.schema import Finding

Where = tuple[str | int, ...]


@frozen
class Sought:
    """One expression, where it stands, and the list whose items it is read in."""

    path: Where
    text: str
    each: str | None = None


class Coverage:
    """Looks for what the expressions of a card find in its examples."""

    def __init__(self, card: Card, adapter: Adapter) -> None:
        self._card = card
        self._adapter = adapter

    def problems(self) -> Iterator[Finding]:
        """Find expressions that find nothing anywhere, and calls that need an example and have none."""
        for operation in self._card.operations.values():
            yield from self._submit(operation)
            if operation.fetch is not None and self._card.has_own_fetch(operation.name):
                yield from self._fetch(("operations", operation.name, "fetch"), operation.fetch, [operation.name])
        sharing = [name for name in self._card.operations if not self._card.has_own_fetch(name)]
        yield from self._fetch(("fetch",), self._card.fetch, sharing)
        yield from self._tables()

    def _submit(self, operation: OperationSpec) -> Iterator[Finding]:
        path: Where = ("operations", operation.name, "submit")
        alike = [one.name for one in self._card.operations.values() if one.submit.remote == operation.submit.remote]
        own = self._examples("submit", [operation.name])
        examples = own or self._examples("submit", alike)
        if not examples:
            yield Finding(
                (*path, ""), f'has no example: add one of = "submit", operation = "{operation.name}"', about_table=True
            )
        sought = _cost((*path, "cost"), operation.submit.cost)
        yield from self._unfound(sought, own, "submit")

    def _fetch(self, path: Where, fetch: FetchSpec, operations: Sequence[str]) -> Iterator[Finding]:
        examples = self._examples("fetch", operations)
        if not fetch.want_body:
            examples = [evolve(example, body=None) for example in examples]
        if operations and not any(self._ends_well(example, fetch) for example in examples):
            named = f', operation = "{operations[0]}"' if len(self._card.operations) > 1 else ""
            told = f'has no example of success: add one of = "fetch"{named}, whose status is among succeeded'
            yield Finding((*path, ""), told, about_table=True)
        keys = ("progress", "queue_position", "eta", "retry_after", "message", "code", "trace_id")
        sought = [Sought((*path, key), text) for key in keys if (text := getattr(fetch, key)) is not None]
        sought += [*_cost((*path, "cost"), fetch.cost), *_artifacts(path, fetch.artifacts)]
        for place, hop in enumerate(fetch.then):
            sought += [Sought((*path, "then", place, "places", name), text) for name, text in hop.places.items()]
            after = self._examples("then", operations)
            yield from self._unfound(list(_artifacts((*path, "then", place), hop.artifacts)), after, "then")
        if fetch.python is None:
            yield from self._unfound(sought, examples, "fetch")

    def _tables(self) -> Iterator[Finding]:
        errors, recent, balance = self._card.errors, self._card.recent, self._card.balance
        webhook = self._card.webhook
        keys = ("message", "code", "suggestion", "when")
        written = [key for key in keys if ("errors", key) in self._card.lines]
        sought = [Sought(("errors", key), getattr(errors, key)) for key in written]
        yield from self._unfound(sought, self._examples("error"), "error")
        if recent is not None:
            listed = self._examples("recent")
            sought = [Sought(("recent", "each"), recent.each)]
            texts = {key: getattr(recent, key) for key in ("created_at", "prompt", "type", "status")}
            sought += [Sought(("recent", key), text, recent.each) for key, text in texts.items() if text is not None]
            sought += [Sought(("recent", "remote", name), text, recent.each) for name, text in recent.remote.items()]
            yield from self._unfound(sought, listed, "recent")
        if balance is not None:
            sought = [Sought(("balance", "available"), balance.available)]
            yield from self._unfound(sought, self._examples("balance"), "balance")
        if webhook is not None:
            sought = [Sought(("webhook", "remote", name), text) for name, text in webhook.remote.items()]
            yield from self._unfound(sought, self._examples("webhook"), "webhook")

    def _examples(self, of: str, operations: Sequence[str] = ()) -> Sequence[Example]:
        return [
            one
            for one in self._card.examples
            if one.of == of and (not operations or one.operation is None or one.operation in operations)
        ]

    def _ends_well(self, example: Example, fetch: FetchSpec) -> bool:
        if fetch.python is not None:
            return True
        found = self._found(fetch.status, example)
        word = str(found).lower() if isinstance(found, bool) else str(found)
        status = self._card.status.words.get(word.casefold() if self._card.status.any_case else word)
        return status is not None and status.value == "succeeded"

    def _unfound(self, sought: Sequence[Sought], examples: Sequence[Example], of: str) -> Iterator[Finding]:
        """Find what is in none of the examples; where there are no examples, nothing can be said."""
        for one in sought if examples else ():
            if not any(self._is_found(one, example) for example in examples):
                near = ' an item of "each"' if one.each is not None else " an example"
                yield Finding(one.path, f'is "{one.text}", which finds nothing in{near} of = "{of}"')

    def _is_found(self, sought: Sought, example: Example) -> bool:
        if sought.each is None:
            return not _is_nothing(self._found(sought.text, example))
        items = self._found(sought.each, example)
        listed = items if isinstance(items, list) else []
        return any(not _is_nothing(self._found(sought.text, example, item)) for item in listed)

    def _found(self, text: str, example: Example, *document: Any) -> Any:
        reply = reply_of(example, self._adapter)
        inner = document[0] if document else example.body
        return compile_expression(text).of(reply, inner, _AnyParameter())


class _AnyParameter(dict[str, Any]):
    """Stands for parameters that were all given."""

    def __missing__(self, name: str) -> str:
        return name


def _is_nothing(value: Any) -> bool:
    return value is None or value in ([], "")


def _cost(path: Where, spec: CostSpec | None) -> Sequence[Sought]:
    return [] if spec is None else [Sought((*path, "at"), spec.at)]


def _artifacts(path: Where, artifacts: Sequence[ArtifactSpec]) -> Iterator[Sought]:
    for place, one in enumerate(artifacts):
        here = (*path, "artifacts", place)
        texts: Mapping[str, str | None] = {"url": one.url, "expires_at": one.expires_at, "media_type": one.media_type}
        if one.each is not None:
            yield Sought((*here, "each"), one.each)
        for key, text in texts.items():
            if text is not None and not (key == "media_type" and "/" in text):
                yield Sought((*here, key), text, one.each)
