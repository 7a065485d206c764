"""Everything that can go wrong, told apart by what the caller should do.

TaskferryError
├── UsageError                  the call must change; nothing was sent, nothing was spent
│   ├── InvalidParameters       every problem of the parameters at once
│   ├── UnknownName             no such provider, operation or task; carries the nearest names
│   ├── MissingKey              no key for a provider; names the variable to set
│   ├── CardError               every problem of a card at once, each with its line
│   ├── CostExceeded            the job would, or might, cost more than the cap
│   └── Unsupported             the provider has no such ability
├── WireError                   a call did not bring back a usable reply
│   ├── NotSent                 proven: the provider never received it
│   ├── ReplyLost               it may have been received; the reply never came
│   ├── MalformedReply          a reply came that is not what the provider promises
│   └── CallForbidden           the call would have taken a key to a foreign host, or gone to a private address
├── ProviderError               the provider answered with a failure; carries it
├── AdapterError                a plugin broke the adapter contract
├── PluginError                 a plugin could not be loaded, or two claim one name
├── LedgerError                 the ledger cannot be used; nothing was overwritten
│   ├── LedgerBusy              another process holds it longer than we wait
│   ├── LedgerCorrupt           the file is not a sound ledger
│   ├── LedgerTooNew            a later version of taskferry wrote it
│   └── TaskTaken               another process holds or has changed the task
└── ArtifactError               a result could not be kept; the job itself is fine
    └── ArtifactGone            its URL is no longer served; look at the task for a fresh one
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from enum import StrEnum

from attrs import evolve, frozen

from taskferry.text import clean, failure_text


class FailureKind(StrEnum):
    """Why a job or a call failed, in one word for every provider."""

    AUTH = "auth"
    """The key is missing, wrong, or of another region."""
    FUNDS = "funds"
    """The account cannot pay for it."""
    FORBIDDEN = "forbidden"
    """The account may not do this: tier, plan, pause."""
    VALIDATION = "validation"
    """The provider refused the parameters."""
    NOT_FOUND = "not_found"
    """The provider knows no such job for this account."""
    CONFLICT = "conflict"
    """It clashes with something that exists, such as a repeated idempotency key."""
    RATE_LIMITED = "rate_limited"
    """Too many calls or jobs at once; it goes on by itself."""
    MODERATED = "moderated"
    """Content rules: change the prompt before trying again."""
    PROVIDER = "provider"
    """The provider failed to make it."""
    UNAVAILABLE = "unavailable"
    """The provider is down or overloaded."""
    TIMEOUT = "timeout"
    """The provider dropped it after waiting too long."""
    MALFORMED = "malformed"
    """The provider's answer could not be understood."""
    NO_OUTPUT = "no_output"
    """The provider says it succeeded and gave nothing."""
    NOT_SENT = "not_sent"
    """The job never reached the provider."""


_RETRYABLE = frozenset({FailureKind.RATE_LIMITED, FailureKind.UNAVAILABLE, FailureKind.TIMEOUT, FailureKind.NOT_SENT})


@frozen(kw_only=True)
class Failure:
    """What went wrong, as data; texts from a provider are already bounded and free of control characters."""

    kind: FailureKind
    message: str
    code: str | None = None
    """The provider's own code."""
    http_status: int | None = None
    retryable: bool = False
    """Whether sending the same thing again later can make sense."""
    retry_after: float | None = None
    """Seconds that the provider asks to wait."""
    suggestion: str | None = None
    trace_id: str | None = None

    @classmethod
    def of(cls, kind: FailureKind, message: str, *, suggestion: str | None = None, code: str | None = None) -> Failure:
        """Make a failure whose `retryable` follows from its kind."""
        return cls(kind=kind, message=message, suggestion=suggestion, code=code, retryable=kind in _RETRYABLE)

    @property
    def bounded(self) -> Failure:
        """Give the failure with its texts on one line each, bounded and without control characters."""
        return evolve(
            self,
            message=clean(self.message),
            code=None if self.code is None else clean(self.code, 80),
            suggestion=None if self.suggestion is None else clean(self.suggestion),
            trace_id=None if self.trace_id is None else clean(self.trace_id, 100),
        )

    def __str__(self) -> str:
        return failure_text(self.message, self.code, self.suggestion)


class TaskferryError(Exception):
    """The root: catch it to catch everything that taskferry raises on purpose."""


class UsageError(TaskferryError):
    """The call must change; nothing was sent and nothing was spent."""


@frozen(kw_only=True)
class Problem:
    """One thing that is wrong with one parameter."""

    path: str
    """Where, as `duration` or `inputs[2]`; empty for the parameters as a whole."""
    value: object
    message: str
    """What is wrong and what is allowed."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidParameters(UsageError):
    """The parameters do not fit the operation; `problems` holds every one of them."""

    def __init__(self, operation: str, problems: Sequence[Problem]) -> None:
        self.operation = operation
        self.problems = tuple(problems)
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(f"{operation} was not sent:{lines}")


@frozen(kw_only=True)
class CardProblem:
    """One thing that is wrong with a card."""

    line: int
    """Counted from 1; 0 for a card that was not read from a text."""
    table: str
    """The table it is in, as `operations.video.submit`; empty for the card as a whole."""
    key: str = ""
    """The key whose value is wrong; empty where the table is."""
    what: str
    """What is wrong, as `has "remot"`."""
    allowed: Sequence[str] = ()
    """What is allowed instead, where that is a list."""
    nearest: str | None = None
    """What was probably meant."""

    @property
    def path(self) -> str:
        """Give table and key in one, as `provider.base_url`."""
        return ".".join(part for part in (self.table, self.key) if part)

    def __str__(self) -> str:
        where = " ".join(part for part in (f"[{self.table}]" if self.table else "", self.key) if part)
        if self.nearest is not None:
            hint = f'; did you mean "{self.nearest}"?'
        else:
            hint = f"; allowed: {', '.join(self.allowed)}." if self.allowed else ""
        return f"{where} {self.what}{hint}".lstrip()


class CardError(UsageError):
    """A card cannot be used; `problems` holds everything that is wrong with it."""

    def __init__(self, source: str, problems: Sequence[CardProblem]) -> None:
        self.source = source
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(f"{source}:{problem.line}: {problem}" for problem in self.problems))


class UnknownName(UsageError):
    """There is no such provider, operation or task; `nearest` holds the names that come closest."""

    def __init__(self, what: str, name: str, known: Iterable[str], hint: str = "") -> None:
        self.name = name
        self.nearest = tuple(difflib.get_close_matches(name, list(known), n=3, cutoff=0.5))
        near = f" Did you mean {' or '.join(self.nearest)}?" if self.nearest else ""
        super().__init__(f"There is no {what} {name!r}.{near}{' ' + hint if hint else ''}")


class MissingKey(UsageError):
    """No key is set for a provider; `variables` names where one is looked for."""

    def __init__(self, provider: str, variables: Sequence[str], where: str | None) -> None:
        self.provider = provider
        self.variables = tuple(variables)
        got = f" Get one at {where}." if where else ""
        super().__init__(f"No key for {provider}: set {' or '.join(self.variables)}.{got}")


class CostExceeded(UsageError):
    """The job would, or might, cost more than the cap that was given."""


class Unsupported(UsageError):
    """The provider has no such ability."""


class WireError(TaskferryError):
    """A call did not bring back a usable reply."""


class NotSent(WireError):
    """Proven: the provider never received the call."""


class ReplyLost(WireError):
    """The call may have been received, and no whole reply came back."""


class MalformedReply(WireError):
    """A reply came that is not what the provider promises: not JSON, wrong types, too large, or lacking an id."""


class CallForbidden(WireError):
    """The call was stopped before it left.

    It would have taken a key to a host that is not the provider's own, or gone to an address that is not public.
    """


class ProviderError(TaskferryError):
    """The provider answered with a failure."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(str(failure))


class AdapterError(TaskferryError):
    """A plugin broke the adapter contract; the message says which rule."""


class PluginError(TaskferryError):
    """A plugin could not be loaded, or two of them claim one name."""


class LedgerError(TaskferryError):
    """The ledger cannot be used as it is; nothing was overwritten."""


class LedgerBusy(LedgerError):
    """Another process holds the ledger's file for longer than we wait."""


class LedgerCorrupt(LedgerError):
    """The file is not a sound ledger."""


class LedgerTooNew(LedgerError):
    """A later version of taskferry wrote the ledger."""


class TaskTaken(LedgerError):
    """Another process holds the task, or has changed it since it was read."""


class ArtifactError(TaskferryError):
    """A result could not be kept; the job itself is fine and the result can be fetched again."""


class ArtifactGone(ArtifactError):
    """The result's URL is no longer served; a new look at the task gives a fresh one."""
