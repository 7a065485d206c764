"""How a card's provider says no: which HTTP status and code a problem has."""

from __future__ import annotations

import re
from collections.abc import Mapping

from taskferry.cards.model import Card
from taskferry.cards.samples import NoSample, SampleReply, Samples
from taskferry.errors import FailureKind
from taskferry.failures import status_kind
from taskferry.sandbox.card.stages import Standing, code_for
from taskferry.sandbox.context import Problem

_HTTP: Mapping[FailureKind, int] = {
    FailureKind.AUTH: 401,
    FailureKind.FUNDS: 402,
    FailureKind.FORBIDDEN: 403,
    FailureKind.NOT_FOUND: 404,
    FailureKind.CONFLICT: 409,
    FailureKind.RATE_LIMITED: 429,
    FailureKind.UNAVAILABLE: 503,
    FailureKind.PROVIDER: 500,
}
_BAD_REQUEST = 400
_PROBLEMS: Mapping[Problem, tuple[FailureKind, str]] = {
    Problem.UNAUTHORIZED: (FailureKind.AUTH, "There is no key, or it is not well formed."),
    Problem.NO_SUCH_PATH: (FailureKind.NOT_FOUND, "There is nothing at this address."),
    Problem.NO_SUCH_METHOD: (FailureKind.VALIDATION, "This address does not know the method."),
    Problem.RATE: (FailureKind.RATE_LIMITED, "There were too many requests."),
    Problem.CONCURRENCY: (FailureKind.RATE_LIMITED, "There are too many jobs at once."),
    Problem.FUNDS: (FailureKind.FUNDS, "The account cannot pay for it."),
}
_MESSAGES: Mapping[FailureKind, str] = {
    **dict(_PROBLEMS.values()),
    FailureKind.VALIDATION: "The parameters are not accepted.",
    FailureKind.MODERATED: "The prompt was stopped by the content rules.",
    FailureKind.UNAVAILABLE: "The service is not available at the moment.",
}
_METHOD_NOT_ALLOWED = 405
_UNPROCESSABLE = 422


def refused(card: Card, samples: Samples, kind: FailureKind, message: str, *, http: int | None = None) -> SampleReply:
    """Say no for a reason."""
    mapped = (status for status, meant in card.errors.http.items() if meant is kind)
    status = http or next(mapped, _HTTP.get(kind, _BAD_REQUEST))
    return samples.error(status, code=code_for(card, kind) or kind.value, message=message)


def turned_down(card: Card, samples: Samples, problem: Problem) -> SampleReply:
    """Say no where the toolkit does."""
    kind, message = _PROBLEMS[problem]
    http = _METHOD_NOT_ALLOWED if problem is Problem.NO_SUCH_METHOD else None
    return refused(card, samples, kind, message, http=http)


def refused_by_code(card: Card, samples: Samples, code: str) -> SampleReply:
    """Say no with a code of the provider's, or with an HTTP status."""
    if re.fullmatch("[45][0-9][0-9]", code) and code not in card.errors.kinds:
        kind = card.errors.http.get(int(code)) or status_kind(int(code))
        return refused(card, samples, kind, _MESSAGES.get(kind, "It was refused."), http=int(code))
    kind = card.errors.kinds.get(code, FailureKind.VALIDATION)
    message = _MESSAGES.get(kind, "It was refused.")
    if card.errors.when is not None:
        try:
            return samples.error(200, code=code, message=message)
        except NoSample:  # `when` may be about other errors than this envelope's
            return samples.error(_HTTP.get(kind, _BAD_REQUEST), code=code, message=message)
    return samples.error(_HTTP.get(kind, _BAD_REQUEST), code=code, message=message)


def refused_job(samples: Samples, shown: Standing) -> SampleReply:
    """Answer a read of a job that failed, where the provider's only way to say so is an error."""
    return samples.error(_UNPROCESSABLE, code=shown.code or shown.kind.value, message=shown.message)
