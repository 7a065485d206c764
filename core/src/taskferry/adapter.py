"""What a provider plugin implements: generators that yield calls, are sent replies, and do no I/O of their own.

    class AcmeAdapter:
        def submit(self, request: Request) -> Exchange[Accepted]:
            reply = yield Call.create("/v1/jobs", json=request.parameters)
            return Accepted(remote={"id": reply.at("id", str)})

        def fetch(self, remote: Any) -> Exchange[Observation]:
            reply = yield Call.get("/v1/jobs/{id}", **remote)
            return Observation(provider_status=reply.at("state", str), status=STATUS.get(reply.at("state", str)))

        def failure(self, reply: Reply) -> Failure | None:
            return failure_from_status(reply, message="error.message", code="error.code")

Whatever goes wrong on the way (`WireError`, `ProviderError`) is raised at the `yield`; an adapter that has nothing
better to do lets it pass.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol, TypeVar, runtime_checkable

from attrs import field, frozen

from taskferry.call import Call
from taskferry.cost import Amount, Cost
from taskferry.errors import Failure
from taskferry.operation import Operation
from taskferry.reply import Reply
from taskferry.task import JSON, CancelOutcome, Observation

T = TypeVar("T")
Exchange = Generator[Call, Reply, T]
"""Yields calls, is sent their replies, returns what they meant."""


@frozen(kw_only=True)
class Request:
    """One job as the caller wants it; already valid against the operation's schema."""

    task_id: str
    """Ours; fit to be a client tag or an idempotency key where the provider takes one."""
    operation: Operation
    parameters: Mapping[str, Any]
    """Only what the caller gave. A local file is a `file:` URL: send it with `Call.upload`, never as bytes."""


@frozen(kw_only=True)
class Accepted:
    """The provider took the job."""

    remote: JSON
    """All that `fetch` needs to find it again in any process; not empty, JSON, unique per account, no secret."""
    observation: Observation | None = None
    """What the create reply already said, up to the finished result."""
    cost: Cost | None = None


@frozen(kw_only=True)
class Balance:
    """What an account has left."""

    available: Decimal
    unit: str
    reserved: Decimal | None = None
    """Held for jobs under way."""


@frozen(kw_only=True)
class Candidate:
    """A job that the provider lists, which may be one whose create reply was lost."""

    remote: JSON
    created_at: float | None = None
    """Epoch seconds."""
    prompt: str | None = None
    provider_type: str | None = None
    """The provider's word for the kind of job."""
    provider_status: str | None = None


@frozen(kw_only=True)
class Bearer:
    """Send the key as `Authorization: Bearer KEY`."""


@frozen(kw_only=True)
class HeaderKey:
    """Send the key in a header, after an optional prefix such as `Key `."""

    name: str
    prefix: str = ""


@frozen(kw_only=True)
class QueryKey:
    """Send the key as a query parameter."""

    name: str


@frozen(kw_only=True)
class SignedToken:
    """Send a short-lived HS256 JWT, minted for each call from a key written as `ID:SECRET`."""

    lifetime: int = 1800
    """Seconds that one token is valid; it is dated 5 s back to allow for clocks that differ."""


@frozen(kw_only=True)
class NoKey:
    """Send no key at all."""


Scheme = Bearer | HeaderKey | QueryKey | SignedToken | NoKey


@frozen(kw_only=True)
class Service:
    """Where a provider lives and how it knows its callers."""

    base_url: str
    """With scheme and, if every path shares one, a prefix; replaced by `TASKFERRY_<PROVIDER>_BASE_URL`."""
    hosts: Sequence[str] = ()
    """Further hosts of the provider's own that may see the key, as `api.acme.example` or `*.acme.example`."""
    result_hosts: Sequence[str] = ()
    """Where results are served, as `cdn.acme.example` or `*.acme.example`; empty: on any public host."""
    scheme: Scheme = field(factory=Bearer)
    key_variables: Sequence[str] = ()
    """Environment variables that may hold the key, the preferred one first."""
    key_url: str | None = None
    """A page where people get a key."""
    trace_headers: Sequence[str] = ("x-request-id",)
    """Reply headers that carry an id for the provider's support, the best one first."""
    not_accepted: Sequence[int] = (429,)
    """HTTP statuses that, as the provider documents it, mean that a create was not taken and may be sent again."""
    requests_per_minute: float | None = None
    """The provider's documented limit for one account, where there is one."""


class Adapter(Protocol):
    """One provider, in one generation of its API. Pure: no I/O, no clock, no state between calls."""

    service: Service
    operations: Sequence[Operation]

    def submit(self, request: Request) -> Exchange[Accepted]:
        """Start the job with exactly one `Call.create`; uploads may come before it."""
        ...

    def fetch(self, remote: Any) -> Exchange[Observation]:
        """Look at the job that a submit's `remote` names; safe to repeat, also after the end, for fresh URLs."""
        ...

    def failure(self, reply: Reply) -> Failure | None:
        """Say whether a reply is a failure, also under HTTP 200; None if it is not. Called on every reply."""
        ...


@runtime_checkable
class FetchesMany(Protocol):
    """The provider shows many jobs in one reply."""

    fetch_many_limit: int

    def fetch_many(self, remotes: Sequence[Any]) -> Exchange[Sequence[Observation | None]]:
        """Look at up to `fetch_many_limit` jobs; None in a job's place means that the reply lacks it."""
        ...


@runtime_checkable
class Cancels(Protocol):
    """The provider can stop a job (which is not the same as deleting its record)."""

    def cancel(self, remote: Any) -> Exchange[CancelOutcome]:
        """Ask for the job to be stopped."""
        ...


@runtime_checkable
class Estimates(Protocol):
    """The provider's price list is known."""

    def estimate(self, request: Request) -> Amount | None:
        """Give the price, before anything is sent; None where it is not known, which never means free."""
        ...


@runtime_checkable
class ListsRecent(Protocol):
    """The provider lists an account's jobs."""

    recent_is_complete: bool
    """Whether the provider documents the listing as immediate and complete, so that absence proves absence."""

    def recent(self, request: Request) -> Exchange[Sequence[Candidate]]:
        """List the account's latest jobs that could be this request, newest first."""
        ...


@runtime_checkable
class ReadsIds(Protocol):
    """A job can be named by the plain id that the provider's own pages show."""

    def remote_from_id(self, text: str, request: Request) -> JSON:
        """Give the `remote` of the job with this id; pure, and no promise that it exists."""
        ...


@runtime_checkable
class PicksGeneration(Protocol):
    """Several generations of the provider's API are in use, and a free call tells which one answers."""

    def pick_generation(self) -> Exchange[str]:
        """Ask, by reads that cost nothing, which generation new jobs should go to; used for the setting `auto`."""
        ...


@runtime_checkable
class HasBalance(Protocol):
    """The provider tells what the account has left."""

    def balance(self) -> Exchange[Balance]:
        """Ask for it; costs nothing."""
        ...


@runtime_checkable
class VerifiesWebhooks(Protocol):
    """The provider signs its webhooks."""

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, secret: str, now: float) -> JSON:
        """Check the signature over the raw body and give the job's `remote`; raise ProviderError if it is wrong."""
        ...
