"""Whether every reply that a card's stand-in may have to give can be made, tried before it serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

from taskferry.cards.model import Card
from taskferry.cards.samples import NoSample, SampleReply, Samples
from taskferry.errors import CardError
from taskferry.sandbox.card.addresses import PROBE
from taskferry.sandbox.card.problems import problem_in
from taskferry.sandbox.card.stages import fetch_of, shown_as
from taskferry.status import Status

_URL = "https://stand-in.example/_files/probe"
_SHOWN = (
    Status.QUEUED, Status.RUNNING, Status.SUCCEEDED, Status.FAILED, Status.MODERATED, Status.EXPIRED, Status.CANCELLED,
)  # fmt: skip
_Trial = tuple[str, str, Callable[[], SampleReply]]
"""The card's table, what an example of it is `of` (nothing where it has none), and what makes the reply."""


def prove(card: Card, samples: Samples) -> None:
    """Raise CardError with every reply that neither a plain path nor an example gives the shape of."""
    problems = []
    for table, of, make in _trials(card, samples):
        try:
            make()
        except NoSample as error:
            more = f' Add an [[examples]] of = "{of}" that shows it.' if of else ""
            problems.append(problem_in(card, table, f"{error}{more}"))
    if problems:
        raise CardError(card.source_name, problems)


def _trials(card: Card, samples: Samples) -> Iterator[_Trial]:
    for operation in card.operations:
        table = f"operations.{operation}"
        fetch = f"{table}.fetch" if card.has_own_fetch(operation) else "fetch"
        yield f"{table}.submit", "submit", partial(samples.created, operation, PROBE)
        for status in dict.fromkeys(shown_as(card, operation, one) for one in _SHOWN):
            if status is not None:
                yield fetch, "fetch", partial(_status, card, samples, operation, status)
        for place in range(len(fetch_of(card, operation).then)):
            yield f"{fetch}.then", "then", partial(_then, card, samples, operation, place)
    yield "errors", "error", partial(samples.error, 400, code="validation", message="no")
    if card.cancel is not None:
        yield "cancel", "cancel", partial(samples.cancelled, PROBE)
    if card.recent is not None:
        item = {"job_id": PROBE, "created_at": 0.0, "prompt": "a fox", "status": Status.SUCCEEDED}
        yield "recent", "recent", partial(samples.recent, next(iter(card.operations)), [item])
    if card.balance is not None:
        yield "balance", "balance", partial(samples.balance, Decimal(1))
    if card.upload is not None:
        if card.upload.prepare is not None:
            yield "upload", "", partial(samples.prepared, _URL, PROBE)
        yield "upload", "", partial(samples.uploaded, PROBE)


def _status(card: Card, samples: Samples, operation: str, status: Status) -> SampleReply:
    artifacts = fetch_of(card, operation).artifacts if status is Status.SUCCEEDED else ()
    urls = {spec.name: [_URL] for spec in artifacts if spec.path is None}
    return samples.status(operation, status, job_id=PROBE, urls=urls)


def _then(card: Card, samples: Samples, operation: str, place: int) -> SampleReply:
    artifacts = fetch_of(card, operation).then[place].artifacts
    urls = {spec.name: [_URL] for spec in artifacts if spec.path is None}
    return samples.then(operation, place, job_id=PROBE, urls=urls)
