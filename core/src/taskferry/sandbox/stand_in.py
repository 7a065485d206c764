"""What a provider's stand-in is made from: it says its endpoints and shapes, this keeps what is behind them."""

from __future__ import annotations

import math
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from attrs import evolve
from starlette.responses import Response

from taskferry.sandbox.accounts import Accounts, day_of
from taskferry.sandbox.connection import DroppedReply
from taskferry.sandbox.context import Context, Endpoint, Problem, RespondWith, gateway_page
from taskferry.sandbox.faults import Fault, FaultBook, Script
from taskferry.sandbox.files import Files, Media
from taskferry.sandbox.jobs import Job, Jobs
from taskferry.sandbox.life import Life, Stage
from taskferry.sandbox.limits import Limits, Rate
from taskferry.sandbox.requests_log import RequestLog
from taskferry.sandbox.settings import Settings
from taskferry.sandbox.tokens import TOKENS, Phase, Token
from taskferry.sandbox.webhooks import Webhooks

_LEAST_URL_LIFE = 10.0
"""Seconds; a download is not made faster by the speed."""


class StandIn(ABC):
    """One provider's service on loopback."""

    name: str
    key_variable: str
    """The environment variable that holds the provider's key."""
    webhook_secret_variable: str | None = None
    """The environment variable that holds the secret of the provider's webhooks."""
    opening_balance: Decimal
    """What a new account has, in the provider's unit."""
    rates: Mapping[str, Rate]
    """Request rates by bucket; there must be one called `requests`."""
    concurrency: ClassVar[Mapping[str, int]] = {}
    """How many jobs of a group may be under way at once."""
    tokens: ClassVar[Mapping[str, Token]] = {}
    """Fault tokens of this provider alone."""
    files_path: ClassVar[str] = "/files"
    url_life: ClassVar[float] = 3600.0
    """Seconds that a signed file URL lives, before the speed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.webhook_secret = f"whsec_{secrets.token_hex(24)}"
        """What webhooks are signed with; a reset does not change it."""
        self.webhooks = Webhooks(settings.clock, settings.speed)
        self.reset()

    def reset(self) -> None:
        """Forget all accounts, jobs, faults, requests and webhooks."""
        self.webhooks.close()
        self.webhooks = Webhooks(self.settings.clock, self.settings.speed)
        self.accounts = Accounts(self.opening_balance)
        self.jobs = Jobs()
        self.limits = Limits(self.rates, self.settings.speed)
        self.faults = FaultBook({**TOKENS, **self.tokens})
        self.files = Files(self.produce)
        self.requests = RequestLog()

    @abstractmethod
    def endpoints(self) -> Sequence[Endpoint]:
        """List what the provider answers."""

    @abstractmethod
    def example_key(self) -> str:
        """Make up a well-formed key."""

    @abstractmethod
    def account_key(self, context: Context) -> str | None:
        """Read the key of a request; None when there is none or it is not well formed."""

    @abstractmethod
    def status(self, job: Job, now: float) -> str:
        """Say in the provider's word where a job stands."""

    @abstractmethod
    def problem(self, context: Context, problem: Problem, **details: Any) -> Response:
        """Answer a request that the toolkit turns down."""

    @abstractmethod
    def refusal(self, context: Context, code: str) -> Response:
        """Answer with an error of the provider; `code` is the provider's own code or an HTTP status."""

    @abstractmethod
    def produce(self, job: Job, name: str) -> Media:
        """Make a file of a finished job; called in a thread. Raise KeyError for a name it does not have."""

    def headers(self, context: Context) -> Mapping[str, str]:
        """Give the headers of every reply but gateway pages and files."""
        window = context.window or self.limits.window("nobody", "requests", context.now)
        return window.headers()

    def bucket(self, context: Context, endpoint: Endpoint) -> str | None:  # noqa: ARG002  # for rates that depend on it
        """Choose the request rate that a request counts against; None for none."""
        return endpoint.bucket

    def env(self, base_url: str) -> dict[str, str]:
        """Give the variables that point taskferry at this stand-in, with a key made up now."""
        prefix = self.name.upper().replace("-", "_")
        known = {f"TASKFERRY_{prefix}_BASE_URL": base_url, self.key_variable: self.example_key()}
        secret = {self.webhook_secret_variable: self.webhook_secret} if self.webhook_secret_variable else {}
        return known | secret

    def create(  # what a job is made of; each part is named at the call
        self,
        context: Context,
        *,
        type: str,  # noqa: A002  # the word of every provider
        prompt: str,
        price: Decimal,
        queue: float,
        run: float,
        input: Mapping[str, Any],  # noqa: A002  # as the job calls it
        group: str = "",
        charge: Decimal | None = None,
    ) -> Job:
        """Take in a job that is already valid; raise RespondWith where faults, concurrency or funds say so."""
        context.begin(prompt)
        if (status := context.script.take("http")) is not None:
            raise RespondWith(gateway_page(int(status.argument or 502)))
        if (code := context.fault("refuse")) is not None:
            raise RespondWith(self.refusal(context, code))
        self._admit(context, price, group)
        script = Script([*self.faults.parse(prompt), *self._posted_life(context)])
        life = Life.scripted(script, queue=queue, run=run, speed=self.settings.speed)
        job = Job(
            account=context.account.id,
            type=type,
            prompt=prompt,
            input=input,
            price=price,
            charge=price if charge is None else charge,
            group=group,
            created_at=context.now,
            life=life,
            script=script,
        )
        self.jobs.add(job)
        context.account.reserve(job, day_of(context.now, self.settings.speed))
        context.entry.task_ids = (job.id,)
        if context.script.take("lost-reply"):
            raise RespondWith(DroppedReply())
        return job

    def cancel(self, context: Context, job: Job) -> Job:
        """End a job that is under way now, at no cost."""
        elapsed = max(context.now - job.created_at, 0.0)
        queue = min(job.life.queue, elapsed)
        life = evolve(job.life, queue=queue, run=elapsed - queue, end=Stage.CANCELLED, code=None, stuck=False)
        ended = evolve(job, life=life)
        context.account.release(job)
        self.jobs.add(ended)
        return ended

    def read(self, context: Context, job_ids: Iterable[str]) -> dict[str, Job]:
        """Look up the account's jobs among these for a status read, or raise RespondWith where a fault says so."""
        found = {job_id: self.jobs.get(job_id, context.account.id) for job_id in job_ids}
        jobs = {job_id: job for job_id, job in found.items() if job is not None}
        context.entry.task_ids = tuple(found)
        for job in jobs.values():
            if fault := job.script.take("read-http"):
                raise RespondWith(self.faulty(context, fault))
        return jobs

    def faulty(self, context: Context, fault: Fault) -> Response:
        """Answer a read with the status of a fault: a gateway's page from 500 on, the provider's own error below."""
        status = int(fault.argument or 502)
        return gateway_page(status) if status >= 500 else self.refusal(context, str(status))

    def file_url(self, context: Context, job: Job, name: str) -> str:
        """Sign a URL of one of the job's files, from now on."""
        query = self.files.query(job.id, name, self.expires_at(context))
        return f"{context.base_url}{self.files_path}/{job.id}/{name}?{query}"

    def expires_at(self, context: Context) -> float:
        """Tell until when a URL lives that is signed now, in epoch seconds."""
        return context.now + max(self.url_life / self.settings.speed, _LEAST_URL_LIFE)

    def spent_today(self, context: Context) -> Decimal:
        """Tell what was held back for the account's jobs of this day, which the speed makes shorter."""
        return context.account.spent(day_of(context.now, self.settings.speed))

    def _admit(self, context: Context, price: Decimal, group: str) -> None:
        account = context.account
        account.settle(context.now)
        under_way = account.under_way(group)
        limit = self.concurrency.get(group)
        if self.settings.limits and limit is not None and len(under_way) >= limit:
            wait = under_way[0].ends_at - context.now
            retry_after = max(1, math.ceil(wait)) if math.isfinite(wait) else 60
            details = {"retry_after": retry_after, "limit": limit, "group": group}
            raise RespondWith(self.problem(context, Problem.CONCURRENCY, **details))
        if price > account.usable:
            raise RespondWith(self.problem(context, Problem.FUNDS, required=price, available=account.usable))

    def _posted_life(self, context: Context) -> list[Fault]:
        names = (name for name, token in self.faults.tokens.items() if token.phase is Phase.LIFE)
        posted = (self.faults.take(name, context.entry.path, kind="create") for name in names)
        return [fault for fault in posted if fault is not None]
