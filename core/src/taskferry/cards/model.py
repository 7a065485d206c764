"""What a card says, read and checked: a provider as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

from taskferry.adapter import Scheme
from taskferry.errors import FailureKind
from taskferry.operation import Typical
from taskferry.status import Status
from taskferry.task import Kind

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@frozen(kw_only=True)
class CallSpec:
    """One call, as a card writes it; `{name}` stands for a value wherever text is."""

    method: str
    path: str
    """Below the base URL; or `{name}` alone, for an address that the provider gave."""
    query: Mapping[str, Any] = _NOTHING
    headers: Mapping[str, str] = _NOTHING
    body: Any = None
    """JSON with places; what mentions a parameter that was not given is left out."""


@frozen(kw_only=True)
class ParameterSpec:
    """How one parameter travels; its schema is in the operation's."""

    name: str
    to: str
    """Where in the body it goes, as `input.image_url`, unless a place `{name}` says otherwise."""
    text: str | None = None
    """The wire's form, with `{}` for the value: `{}s`."""
    words: Mapping[str, Any] = _NOTHING
    """The wire's words by ours; others pass unchanged."""
    always: bool = False
    """Whether the default is sent when the caller gives nothing."""
    send: str = "url"
    """How a local file goes: `url` (it cannot, only addresses), `upload`, `base64`, `data-uri`, or `multipart`: with
    the create itself, as the form field `to`; the other parameters are then fields of the form."""


@frozen(kw_only=True)
class SubmitSpec:
    """The billed call of one operation."""

    call: CallSpec
    under: str = ""
    """Where in the body parameters go that no place mentions, as `input`; empty: at the top."""
    remote: Mapping[str, str]
    """What to keep of the reply to find the job again: expressions by name, which are places of later calls."""
    done: bool = False
    """Whether the reply may already be read as a status read's."""
    cost: CostSpec | None = None
    python: str | None = None
    """`module:function` that makes the body from the parameters."""


@frozen(kw_only=True)
class CostSpec:
    """Where a reply says what a job costs."""

    at: str
    unit: str
    scale: Decimal = Decimal(1)
    """What the number is divided by: 100 for cents."""
    actual: bool = True


@frozen(kw_only=True)
class ArtifactSpec:
    """Where a status reply has one sort of result."""

    name: str
    kind: Kind
    url: str | None = None
    """Expression of an address, or of a list of them."""
    path: str | None = None
    """Instead: a path below the base URL, with places."""
    each: str | None = None
    """Expression of a list; `url` is then read in each of its items."""
    media_type: str | None = None
    expires_at: str | None = None
    """Expression of epoch seconds or an ISO 8601 time."""
    needs_key: bool = False


@frozen(kw_only=True)
class HopSpec:
    """A further read that a status read leads to."""

    when: Status = Status.SUCCEEDED
    call: CallSpec
    places: Mapping[str, str] = _NOTHING
    """Expressions over the reply before, by the name of their place in this call."""
    artifacts: Sequence[ArtifactSpec] = ()
    refusal_ends: bool = False
    """Whether a reply that is an error means that the job failed, not that the look did."""


@frozen(kw_only=True)
class FetchSpec:
    """How a job is looked at."""

    call: CallSpec
    status: str
    progress: str | None = None
    progress_scale: float = 1.0
    """What progress is divided by: 100 for per cent."""
    queue_position: str | None = None
    eta: str | None = None
    """Expression of seconds still to go."""
    eta_scale: float = 1.0
    """What they are divided by: 1000 for milliseconds."""
    retry_after: str | None = None
    """Expression of seconds until the next look."""
    retry_after_scale: float = 1.0
    """What they are divided by: 1000 for milliseconds."""
    message: str | None = None
    code: str | None = None
    trace_id: str | None = None
    cost: CostSpec | None = None
    artifacts: Sequence[ArtifactSpec] = ()
    then: Sequence[HopSpec] = ()
    want_body: bool = True
    """Whether the body is a document; False where the same address serves the file in the end."""
    python: str | None = None
    """`module:function` that makes an Observation from the reply."""


@frozen(kw_only=True)
class StatusSpec:
    """What the provider's words mean."""

    words: Mapping[str, Status]
    """By the word as text: `true`, `202` and `done` alike."""
    unknown: Status | None = None
    """What a word that is not in the table counts as: queued or running; None: it changes nothing."""
    any_case: bool = False


@frozen(kw_only=True)
class ErrorSpec:
    """How the provider says no."""

    message: str = "message"
    code: str = "code"
    suggestion: str | None = None
    when: str | None = None
    """Expression that is true of an error under an HTTP status of success."""
    kinds: Mapping[str, FailureKind] = _NOTHING
    """By the provider's code; of refused calls and of failed jobs."""
    http: Mapping[int, FailureKind] = field(factory=dict)


@frozen(kw_only=True)
class CancelSpec:
    """How a job is stopped; HTTP statuses say what became of the wish."""

    call: CallSpec
    too_late: Sequence[int] = (404, 409)


@frozen(kw_only=True)
class RecentSpec:
    """How the account's latest jobs are listed."""

    call: CallSpec
    each: str
    remote: Mapping[str, str]
    created_at: str | None = None
    """Expression of epoch seconds or milliseconds, or an ISO 8601 time."""
    prompt: str | None = None
    type: str | None = None
    status: str | None = None
    complete: bool = False
    """Whether the provider documents the list as immediate and complete."""


@frozen(kw_only=True)
class BalanceSpec:
    """How the account's balance is read."""

    call: CallSpec
    available: str
    unit: str
    scale: Decimal = Decimal(1)


@frozen(kw_only=True)
class UploadSpec:
    """How a local file becomes an address or an id that a create can name."""

    call: CallSpec
    """The call that carries the file: a multipart POST, or a PUT of the whole body to `{url}` of `prepare`."""
    field: str = "file"
    result: str
    """Expression over the last reply that has a document: what the create names."""
    prepare: CallSpec | None = None
    """A call before it, whose reply says where to put the file."""
    places: Mapping[str, str] = _NOTHING
    """Expressions over the reply to `prepare`, by the name of their place in `call` or in `result`."""


@frozen(kw_only=True)
class WebhookSpec:
    """How the provider signs its webhooks."""

    scheme: str
    """`standard` (Standard Webhooks, HMAC) or `hmac-sha256` (hexadecimal digest of the raw body in `header`)."""
    header: str = ""
    prefix: str = ""
    remote: Mapping[str, str]


@frozen(kw_only=True)
class PriceSpec:
    """What a job costs before it is sent."""

    unit: str
    amount: Decimal | None = None
    by: str | None = None
    """The parameter that `amounts` is a table of."""
    amounts: Mapping[str, Decimal] = _NOTHING
    times: Sequence[str] = ()
    """Parameters that the amount is multiplied by: seconds, pictures."""
    note: str | None = None


@frozen(kw_only=True)
class OperationSpec:
    """One thing that the provider makes."""

    name: str
    """Without the provider."""
    title: str
    description: str
    kind: Kind
    typical: Typical
    schema: Mapping[str, Any]
    """JSON Schema of the parameters, as `Operation.parameters` has it."""
    parameters: Mapping[str, ParameterSpec]
    submit: SubmitSpec
    fetch: FetchSpec | None = None
    """Only where it differs from the card's."""
    price: PriceSpec | None = None
    example: Mapping[str, Any] = _NOTHING


@frozen(kw_only=True)
class Example:
    """A reply that the provider's documentation shows."""

    of: str
    """`submit`, `fetch`, `then`, `error`, `recent`, `balance`, `cancel` or `webhook`."""
    operation: str | None = None
    http: int = 200
    headers: Mapping[str, str] = _NOTHING
    body: Any = None
    """Decoded JSON; None where the reply has no document."""
    expect: Mapping[str, Any] = _NOTHING
    """What the card has to read from it: `status`, `progress`, `artifacts` (names), `kind`, `message`, ..."""
    line: int = 0


@frozen(kw_only=True)
class Card:
    """A provider as data."""

    source_name: str
    """The file, for messages."""
    name: str
    title: str
    base_url: str
    regions: Mapping[str, str] = _NOTHING
    """Base URLs by region, the default one first; empty for a provider with one."""
    hosts: Sequence[str] = ()
    result_hosts: Sequence[str] = ()
    scheme: Scheme
    key_variables: Sequence[str] = ()
    key_url: str | None = None
    headers: Mapping[str, str] = _NOTHING
    """Sent with every call to the provider."""
    source: str
    """The documentation that the facts come from, and the day it was read."""
    unverified: Sequence[str] = ()
    """What the documentation does not say, or nobody here could try."""
    trace_headers: Sequence[str] = ("x-request-id",)
    not_accepted: Sequence[int] = (429,)
    requests_per_minute: float | None = None
    status: StatusSpec
    operations: Mapping[str, OperationSpec]
    fetch: FetchSpec
    errors: ErrorSpec = field(factory=ErrorSpec)
    cancel: CancelSpec | None = None
    recent: RecentSpec | None = None
    balance: BalanceSpec | None = None
    upload: UploadSpec | None = None
    webhook: WebhookSpec | None = None
    examples: Sequence[Example] = ()
    lines: Mapping[tuple[str | int, ...], int] = field(default=_NOTHING, repr=False, eq=False)
    """The line of every table, key and list item in the card's text, by path; for messages."""

    def has_own_fetch(self, operation: str) -> bool:
        """Tell whether an operation's status call is written at it, not shared."""
        return self.operations[operation].fetch is not None and ("operations", operation, "fetch") in self.lines

    @property
    def runs_python(self) -> bool:
        """Tell whether a step of it is a Python function, which only an installed card may have."""
        fetches = [self.fetch, *(one.fetch for one in self.operations.values() if one.fetch is not None)]
        return any(one.python for one in fetches) or any(one.submit.python for one in self.operations.values())
