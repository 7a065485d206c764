"""Where a job stands, in what the card can say of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen

from taskferry.cards.model import Card, FetchSpec
from taskferry.errors import FailureKind
from taskferry.sandbox.jobs import Job
from taskferry.sandbox.life import Stage
from taskferry.status import Status

_STATUSES: Mapping[Stage, Status] = {
    Stage.QUEUED: Status.QUEUED,
    Stage.RUNNING: Status.RUNNING,
    Stage.SUCCEEDED: Status.SUCCEEDED,
    Stage.FAILED: Status.FAILED,
    Stage.MODERATED: Status.MODERATED,
    Stage.EXPIRED: Status.EXPIRED,
    Stage.CANCELLED: Status.CANCELLED,
}
_INSTEAD: Mapping[Status, Status] = {
    Status.QUEUED: Status.RUNNING,
    Status.RUNNING: Status.QUEUED,
    Status.MODERATED: Status.FAILED,
    Status.EXPIRED: Status.FAILED,
    Status.CANCELLED: Status.FAILED,
}
"""What a provider shows that has no word of its own for it."""
_REASONS: Mapping[Stage, tuple[FailureKind, str]] = {
    Stage.FAILED: (FailureKind.PROVIDER, "The job could not be made."),
    Stage.MODERATED: (FailureKind.MODERATED, "The prompt was stopped by the content rules."),
    Stage.EXPIRED: (FailureKind.TIMEOUT, "The job waited too long and was dropped."),
    Stage.CANCELLED: (FailureKind.PROVIDER, "The job was cancelled."),
}
_HTTP_STATUS = re.compile("[1-5][0-9][0-9]")
_NEW_HTTP_STATUS = "299"
"""Where the HTTP status is the provider's word, a new word is a status that nobody has heard of."""


@frozen(kw_only=True)
class Standing:
    """A job as a status read is to show it."""

    word: Status | str | None
    """One of ours, or a word that the card does not have; None where the provider can only answer with an error."""
    message: str | None = None
    code: str | None = None
    kind: FailureKind = FailureKind.PROVIDER


def standing(card: Card, job: Job, now: float) -> Standing:
    """Tell where a job stands."""
    stage = job.at(now).stage
    if stage is Stage.UNKNOWN:
        return Standing(word=_NEW_HTTP_STATUS if says_by_http(card, job.type) else job.unknown_word)
    status = shown_as(card, job.type, _STATUSES[stage])
    if stage not in _REASONS or status is Status.CANCELLED:  # who cancels needs no reason
        return Standing(word=status)
    kind, message = _REASONS[stage]
    if status is None and any(hop.refusal_ends for hop in fetch_of(card, job.type).then):
        status = Status.SUCCEEDED  # and the further read says that it is not
    return Standing(word=status, message=message, code=job.life.code or code_for(card, kind), kind=kind)


def shown_as(card: Card, operation: str, status: Status) -> Status | None:
    """Give the status as which an operation's status read shows one; None where it has no word for anything like it."""
    known = {one for word, one in card.status.words.items() if _fits(card, operation, word)}
    return next((one for one in (status, _INSTEAD.get(status)) if one in known), None)


def word_of(card: Card, job: Job, now: float) -> str:
    """Give the provider's word for where a job stands."""
    word = standing(card, job, now).word
    if not isinstance(word, Status):
        return word or job.at(now).stage.value
    words = (one for one, status in card.status.words.items() if status is word and _fits(card, job.type, one))
    return next(words, word.value)


def says_by_http(card: Card, operation: str) -> bool:
    """Tell whether an operation's jobs are known by the HTTP status alone."""
    return fetch_of(card, operation).status == "$http"


def fetch_of(card: Card, operation: str) -> FetchSpec:
    """Give how the jobs of an operation are looked at."""
    return card.operations[operation].fetch or card.fetch


def code_for(card: Card, kind: FailureKind) -> str | None:
    """Give the provider's first code of a kind; None where the card names none."""
    return next((code for code, meant in card.errors.kinds.items() if meant is kind), None)


def _fits(card: Card, operation: str, word: str) -> bool:
    return not says_by_http(card, operation) or _HTTP_STATUS.fullmatch(word) is not None
