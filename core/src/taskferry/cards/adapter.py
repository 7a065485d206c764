"""The adapter that a card compiles to, with just those abilities that the card has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from attrs import evolve

from taskferry.adapter import Accepted, Adapter, Balance, Candidate, Exchange, NoKey, Request, Service
from taskferry.call import Purpose
from taskferry.cards.example import example_parameters
from taskferry.cards.failing import compile_failure
from taskferry.cards.fetching import Fetch, python_step
from taskferry.cards.listing import Account, Recent
from taskferry.cards.model import ArtifactSpec, Card, FetchSpec, OperationSpec
from taskferry.cards.prices import compile_price, flat
from taskferry.cards.submitting import Submit
from taskferry.cards.template import CallTemplate
from taskferry.cards.uploading import Upload
from taskferry.cards.webhooks import Webhook
from taskferry.cost import Amount
from taskferry.errors import AdapterError, Failure, ProviderError, UnknownName, UsageError
from taskferry.operation import Operation
from taskferry.reply import Reply
from taskferry.task import JSON, CancelOutcome, Kind, Observation


def card_adapter(card: Card, region: str | None = None, *, installed: bool = False) -> Adapter:
    """Compile a card; its class has the optional methods of the contract that the card has tables for.

    Steps in Python are taken from `installed` cards only. They are `submit.python`, called with the parameters that
    were given (files already sent) to make the body, and `fetch.python`, called with the reply and the job's `remote`
    to make the Observation. Raise UsageError for steps in Python of a card that is not installed, UnknownName for a
    region that the card lacks, ExpressionError for an expression that is none.
    """
    if card.runs_python and not installed:
        raise UsageError(f"{card.source_name} runs Python, which only the card of an installed distribution may.")
    abilities = tuple(ability for has, ability in _ABILITIES if has(card))
    made = type(f"{card.name.title().replace('-', '')}Adapter", (*abilities, CardAdapter), {"__doc__": card.title})
    return cast("Adapter", made(card, region))


def names_operation(card: Card) -> bool:
    """Tell whether `remote` has to name the operation, as its member `operation`, because looks at them differ."""
    first, *others = (_with_kinds(spec.fetch or card.fetch, spec.kind) for spec in card.operations.values())
    return any(fetch != first for fetch in others)


def _with_kinds(spec: FetchSpec, kind: Kind) -> FetchSpec:
    """Give a look whose results all name their kind, so that looks can be compared."""

    def filled(artifacts: Sequence[ArtifactSpec]) -> Sequence[ArtifactSpec]:
        return [evolve(artifact, kind=artifact.kind or kind) for artifact in artifacts]

    hops = [evolve(hop, artifacts=filled(hop.artifacts)) for hop in spec.then]
    return evolve(spec, artifacts=filled(spec.artifacts), then=hops)


class CardAdapter:
    """What every card has: submit, fetch and failure."""

    def __init__(self, card: Card, region: str | None) -> None:
        self.card = card
        self.service = _service(card, region)
        self.operations: Sequence[Operation] = tuple(_operation(card, spec) for spec in card.operations.values())
        self.failure: Callable[[Reply], Failure | None] = compile_failure(card.errors)
        self._fetches = {
            name: Fetch(card, spec.fetch or card.fetch, spec.kind) for name, spec in card.operations.items()
        }
        self._fetch = next(iter(self._fetches.values()))
        self._names_operation = names_operation(card)
        upload = None if card.upload is None else Upload(card.upload, card.headers)
        self._submits = {name: self._submitting(card, spec, upload) for name, spec in card.operations.items()}

    def submit(self, request: Request) -> Exchange[Accepted]:
        """Upload what has to be, then create the job."""
        return self._submits[_name(request)].submit(request)

    def fetch(self, remote: Any) -> Exchange[Observation]:
        """Look at the job."""
        places = _places(remote)
        operation = places.get("operation") if self._names_operation else None
        fetch = self._fetches.get(operation, self._fetch) if isinstance(operation, str) else self._fetch
        return fetch.fetch(places)

    def _submitting(self, card: Card, spec: OperationSpec, upload: Upload | None) -> Submit:
        fetch = self._fetches[spec.name]
        return Submit(
            spec,
            card.headers,
            upload=upload,
            look=fetch.call,
            read=fetch.at_once if spec.submit.done else None,
            body=None if spec.submit.python is None else python_step(spec.submit.python),
            names_operation=self._names_operation,
        )


class _Cancelling(CardAdapter):
    def __init__(self, card: Card, region: str | None) -> None:
        super().__init__(card, region)
        assert card.cancel is not None, "the ability was chosen by it"
        self._too_late = frozenset(card.cancel.too_late)
        self._cancel = CallTemplate(card.cancel.call, card.headers)

    def cancel(self, remote: Any) -> Exchange[CancelOutcome]:
        """Ask for the job to be stopped."""
        try:
            yield self._cancel.call(_places(remote), Purpose.WRITE)
        except ProviderError as error:
            if error.failure.http_status in self._too_late:
                return CancelOutcome.TOO_LATE
            raise
        return CancelOutcome.ACCEPTED


class _Listing(CardAdapter):
    def __init__(self, card: Card, region: str | None) -> None:
        super().__init__(card, region)
        assert card.recent is not None, "the ability was chosen by it"
        self.recent_is_complete = card.recent.complete
        readers = {name: submit.remote_of for name, submit in self._submits.items()}
        self._recent = Recent(card.recent, card.headers, card.operations, readers)

    def recent(self, request: Request) -> Exchange[Sequence[Candidate]]:
        """List the account's latest jobs."""
        return self._recent.list(request)


class _Balanced(CardAdapter):
    def __init__(self, card: Card, region: str | None) -> None:
        super().__init__(card, region)
        assert card.balance is not None, "the ability was chosen by it"
        self._account = Account(card.balance, card.headers)

    def balance(self) -> Exchange[Balance]:
        """Ask what is left."""
        return self._account.read()


class _Priced(CardAdapter):
    def __init__(self, card: Card, region: str | None) -> None:
        super().__init__(card, region)
        self._prices = {name: compile_price(spec) for name, spec in card.operations.items()}

    def estimate(self, request: Request) -> Amount | None:
        """Give the price of a job; None where the card knows none."""
        return self._prices[_name(request)](request.parameters)


class _Identified(CardAdapter):
    def remote_from_id(self, text: str, request: Request) -> JSON:
        """Give the `remote` of the job with this id."""
        return self._submits[_name(request)].remote_of.named(text)


class _Signed(CardAdapter):
    def __init__(self, card: Card, region: str | None) -> None:
        super().__init__(card, region)
        assert card.webhook is not None, "the ability was chosen by it"
        self._webhook = Webhook(card.webhook)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, secret: str, now: float) -> JSON:
        """Check the signature and give the job's `remote`."""
        return self._webhook.verified(headers, body, secret, now)


def _is_named_by_one_id(card: Card) -> bool:
    calls = [card.fetch.call, *(spec.fetch.call for spec in card.operations.values() if spec.fetch is not None)]
    single = all(len(spec.submit.remote) == 1 for spec in card.operations.values())
    return single and not any(call.path.startswith("{") for call in calls)


_ABILITIES: Sequence[tuple[Callable[[Card], bool], type]] = (
    (lambda card: card.cancel is not None, _Cancelling),
    (lambda card: card.recent is not None, _Listing),
    (lambda card: card.balance is not None, _Balanced),
    (lambda card: any(one.price is not None for one in card.operations.values()), _Priced),
    (_is_named_by_one_id, _Identified),
    (lambda card: card.webhook is not None, _Signed),
)
"""What a card has to have for which of the contract's optional abilities."""


def _service(card: Card, region: str | None) -> Service:
    if region is not None and region not in card.regions:
        raise UnknownName("region", region, card.regions, f"{card.title} has: {', '.join(card.regions) or 'one only'}.")
    base_url = card.regions[region] if region is not None else card.base_url or next(iter(card.regions.values()))
    return Service(
        base_url=base_url,
        hosts=card.hosts,
        result_hosts=card.result_hosts,
        scheme=card.scheme,
        key_variables=card.key_variables,
        key_url=card.key_url,
        trace_headers=card.trace_headers,
        not_accepted=card.not_accepted,
        requests_per_minute=card.requests_per_minute,
    )


def _operation(card: Card, spec: OperationSpec) -> Operation:
    return Operation(
        name=f"{card.name}/{spec.name}",
        title=spec.title,
        description=spec.description,
        kind=spec.kind,
        parameters=spec.schema,
        typical=spec.typical,
        price=flat(spec.price),
        price_note=None if spec.price is None else spec.price.note,
        needs_key=not isinstance(card.scheme, NoKey),
        example=example_parameters(spec.schema, spec.example),
    )


def _places(remote: Any) -> Mapping[str, Any]:
    if not isinstance(remote, Mapping):
        raise AdapterError(f"The remote of a card's job is a table, not {type(remote).__name__}.")
    return remote


def _name(request: Request) -> str:
    return request.operation.name.partition("/")[2]
