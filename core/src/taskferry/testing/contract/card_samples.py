"""The replies of a card's provider, made from the examples in the card."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from taskferry.adapter import Adapter
from taskferry.cards.model import ArtifactSpec, Card, FetchSpec
from taskferry.cards.samples import NoSample, SampleReply
from taskferry.cards.samples import Samples as CardSamples
from taskferry.reply import Reply
from taskferry.status import Status
from taskferry.testing.contract.requiring import require
from taskferry.testing.contract.samples import Look, OperationSamples, Samples

JOB = "j-7"
_HOST = "cdn.contract.example"


def samples_of_card(card: Card, adapter: Adapter) -> Samples:
    """Give what the card's provider answers, as far as the card's examples and plain paths say."""
    made = CardSamples(card)
    operations = []
    for operation in adapter.operations:
        name = operation.name.partition("/")[2]
        created = _if_there(lambda name=name: made.created(name, JOB))  # type: ignore[misc]  # bound while it is current
        looks = dict(_looks(card, made, name))
        if created is not None and looks:
            operations.append(OperationSamples(operation=operation, created=(created,), looks=looks))
    require(operations, f"samples: {card.source_name} has no example of a create and of a status read")
    errors = [_if_there(lambda http=http: made.error(http)) for http in (200, 400, 402)]  # type: ignore[misc]  # the same
    item = {"job_id": JOB, "prompt": "a red fox", "created_at": 1_700_000_000.0}
    return Samples(
        operations=operations,
        statuses=card.status.words,
        unknown=card.status.unknown,
        refused=[reply for reply in errors if reply is not None],
        uploaded=_uploads(card, made),
        cancelled=_look(lambda: made.cancelled(JOB)) if card.cancel else None,
        balance=_look(lambda: made.balance(Decimal("12.50"))) if card.balance else None,
        recent=_look(lambda: made.recent(operations[0].operation.name.partition("/")[2], [item]))
        if card.recent
        else None,
    )


def _looks(card: Card, made: CardSamples, name: str) -> Iterator[tuple[str, Look]]:
    spec = card.operations[name].fetch or card.fetch
    for word, status in card.status.words.items():
        look = _if_there_look(card, made, name, spec, word, status)
        if look is not None and _says(spec, word, look[0]):
            yield word, look


def _if_there_look(card: Card, made: CardSamples, name: str, spec: FetchSpec, word: str, status: Status) -> Look | None:
    done = status is Status.SUCCEEDED
    progress = {Status.QUEUED: 0.0, Status.RUNNING: 0.4, Status.SUCCEEDED: 1.0}.get(status)
    hops = [place for place, hop in enumerate(spec.then) if hop.when is status]
    try:
        first = made.status(
            name, word, job_id=JOB, progress=progress, urls=_urls(card, spec.artifacts) if done else None
        )
        further = [made.then(name, place, job_id=JOB, urls=_urls(card, spec.then[place].artifacts)) for place in hops]
    except NoSample:
        return None
    return tuple(map(_reply, (first, *further)))


def _says(spec: FetchSpec, word: str, reply: Reply) -> bool:
    """Tell whether a reply shows the word: one whose word is the HTTP status only does so under that status."""
    return spec.status != "$http" or word == str(reply.status)


def _urls(card: Card, artifacts: Sequence[ArtifactSpec]) -> Mapping[str, Sequence[str]]:
    host = next(iter(card.result_hosts), _HOST).replace("*.", "cdn.")
    return {artifact.name: [f"https://{host}/{artifact.name}"] for artifact in artifacts if artifact.path is None}


def _uploads(card: Card, made: CardSamples) -> Sequence[Reply]:
    if card.upload is None:
        return ()
    base = next(iter(card.regions.values()), card.base_url)
    prepared = _look(lambda: made.prepared(f"{base}/contract-upload", "asset-7")) if card.upload.prepare else ()
    return (*(prepared or ()), *(_look(lambda: made.uploaded("asset-7")) or ()))


def _look(make: Callable[[], SampleReply]) -> Look | None:
    reply = _if_there(make)
    return None if reply is None else (reply,)


def _if_there(make: Callable[[], SampleReply]) -> Reply | None:
    try:
        return _reply(make())
    except NoSample:
        return None


def _reply(sample: SampleReply) -> Reply:
    headers: dict[str, Any] = dict(sample.headers)
    return Reply(sample.http, sample.content, headers)
