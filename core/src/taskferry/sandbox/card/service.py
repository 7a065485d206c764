"""The service of a provider that is a card, on loopback: its own calls, answered in the shape of its examples."""

from __future__ import annotations

import itertools
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlsplit

from starlette.responses import Response

from taskferry.adapter import NoKey
from taskferry.cards.adapter import card_adapter
from taskferry.cards.model import Card
from taskferry.cards.samples import NoSample, Samples
from taskferry.errors import FailureKind
from taskferry.operation import Operation
from taskferry.sandbox.card import refusals
from taskferry.sandbox.card.addresses import BASE, Addresses
from taskferry.sandbox.card.answering import Match, answer, respond
from taskferry.sandbox.card.asked import Asked, UnreadableBody, asked
from taskferry.sandbox.card.keys import Keys
from taskferry.sandbox.card.money import opening_balance, price_of, unit_of
from taskferry.sandbox.card.outputs import made
from taskferry.sandbox.card.proving import prove
from taskferry.sandbox.card.routes import Role, Route, routes_of
from taskferry.sandbox.card.stages import fetch_of, word_of
from taskferry.sandbox.card.submits import read_order
from taskferry.sandbox.card.uploads import Uploads
from taskferry.sandbox.context import Context, Endpoint, Problem
from taskferry.sandbox.faults import FaultError
from taskferry.sandbox.files import Media
from taskferry.sandbox.jobs import Job
from taskferry.sandbox.life import Stage
from taskferry.sandbox.limits import Rate
from taskferry.sandbox.settings import Settings
from taskferry.sandbox.stand_in import StandIn

_REQUESTS_PER_MINUTE = 6000
"""Where a card names no limit."""
_JOB_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class CardStandIn(StandIn):
    """The stand-in of any card; raises CardError for one whose examples do not show what a reply looks like."""

    files_path: ClassVar[str] = "/_files"

    def __init__(self, card: Card, settings: Settings, *, installed: bool = False) -> None:
        """Take a card; one that is `installed` may have Python steps."""
        self.card = card
        self.name = card.name
        self.key_variable = next(iter(card.key_variables), "")
        has_webhooks = card.webhook is not None
        self.webhook_secret_variable = f"{card.name.upper().replace('-', '_')}_WEBHOOK_SECRET" if has_webhooks else None
        self.unit = unit_of(card)
        self.opening_balance = opening_balance(self.unit)
        self.rates = {"requests": Rate(round(card.requests_per_minute or _REQUESTS_PER_MINUTE))}
        self.prefix = urlsplit(card.base_url).path.rstrip("/")
        self.adapter = card_adapter(card, installed=installed)
        self.operations: Mapping[str, Operation] = {
            operation.name.partition("/")[2]: operation for operation in self.adapter.operations
        }
        self.upload_field = card.upload.field if card.upload is not None else "file"
        self._keys = Keys(card.name, card.scheme)
        self._samples: dict[str, Samples] = {}
        prove(card, Samples(card, BASE + self.prefix))
        self._routes = routes_of(card, Addresses(card, self.prefix))
        super().__init__(settings)

    def reset(self) -> None:
        """Forget the uploads too."""
        super().reset()
        self.uploads = Uploads()

    def endpoints(self) -> Sequence[Endpoint]:
        """List the addresses of every call, the most particular first."""

        def address(route: Route) -> tuple[str, str, bool]:
            return route.call.method.upper(), route.pattern, route.given

        groups = [
            (key, list(routes)) for key, routes in itertools.groupby(sorted(self._routes, key=address), key=address)
        ]
        groups.sort(key=lambda group: (group[0][1].count(":path}"), group[0][1].count("{"), -len(group[0][1])))
        return [
            self._endpoint(method, prefix, pattern, routes)
            for (method, pattern, given), routes in groups
            for prefix in ([""] if given else self._prefixes())
        ]

    def example_key(self) -> str:
        """Make up a key."""
        return self._keys.example()

    def account_key(self, context: Context) -> str | None:
        """Read the key where the card's scheme puts it."""
        return self._keys.of(context.request, context.now)

    def env(self, base_url: str) -> dict[str, str]:
        """Give the variables with the prefix that all paths of the card share."""
        env = super().env(base_url + self.prefix)
        return {name: value for name, value in env.items() if name} if isinstance(self.card.scheme, NoKey) else env

    def status(self, job: Job, now: float) -> str:
        """Say where a job stands."""
        return word_of(self.card, job, now)

    def problem(self, context: Context, problem: Problem, **details: Any) -> Response:
        """Answer in the card's shape of an error."""
        response = respond(refusals.turned_down(self.card, self.samples(context), problem))
        if "retry_after" in details:
            response.headers["Retry-After"] = str(details["retry_after"])
        return response

    def refusal(self, context: Context, code: str) -> Response:
        """Answer with a code of the provider's, or an HTTP status."""
        return respond(refusals.refused_by_code(self.card, self.samples(context), code))

    def produce(self, job: Job, name: str) -> Media:
        """Make a file of a finished job."""
        return made(job, name)

    def samples(self, context: Context) -> Samples:
        """Give the replies of the card, with addresses that lead back to where the request came."""
        base_url = context.base_url + self.prefix
        if base_url not in self._samples:
            self._samples[base_url] = Samples(self.card, base_url)
        return self._samples[base_url]

    def price(self, operation: Operation, parameters: Mapping[str, Any]) -> Decimal:
        """Give the price of a job in the unit of the account."""
        return price_of(self.adapter, operation, parameters, self.unit)

    def cost(self, job: Job, now: float) -> Decimal | None:
        """Give what a job has cost, where the card says it in the unit of the account."""
        cost = fetch_of(self.card, job.type).cost
        named = cost is not None and cost.unit == self.unit and job.charge
        return job.charge if named and job.at(now).stage is Stage.SUCCEEDED else None

    def _prefixes(self) -> Iterable[str]:
        """Give what may come before a path: that of every region, or nothing, as the base URL is given."""
        regions = (urlsplit(url).path.rstrip("/") for url in self.card.regions.values())
        return dict.fromkeys([self.prefix, *regions, ""])

    def _endpoint(self, method: str, prefix: str, pattern: str, routes: Sequence[Route]) -> Endpoint:
        first = routes[0]
        return Endpoint(
            method=method,
            path=prefix + pattern,
            handler=self._handler(prefix, routes),
            kind=first.role.kind,
            key=any(route.wants_key for route in routes),
            bucket="requests" if first.wants_key and first.role is not Role.CONTENT else None,
        )

    def _handler(self, prefix: str, routes: Sequence[Route]) -> Callable[[Context], Awaitable[Response]]:
        document = any(route.has_document for route in routes)

        async def handle(context: Context) -> Response:
            try:
                said = await asked(context.request, prefix, document=document)
            except UnreadableBody as error:
                refused = refusals.refused(self.card, self.samples(context), FailureKind.VALIDATION, str(error))
                return respond(refused)
            match = min((self._match(context, route, said) for route in routes), key=_distance)
            context.entry.kind = match.route.role.kind
            try:
                return await answer(match)
            except NoSample as error:
                raise FaultError(str(error)) from error

        return handle

    def _match(self, context: Context, route: Route, said: Asked) -> Match:
        reading = route.read(said)
        order = None
        if route.role is Role.SUBMIT:
            spec = self.card.operations[route.operation]
            order = read_order(spec, self.operations[route.operation], reading, said.body)
        return Match(
            stand_in=self,
            context=context,
            route=route,
            asked=said,
            reading=reading,
            order=order,
            job=None if order is not None else self._job(context, reading.values.values()),
        )

    def _job(self, context: Context, values: Iterable[Any]) -> Job | None:
        """Find the job that one of these values names, if it is the account's."""
        account = context.holder.id if context.holder is not None else None
        ids = itertools.chain.from_iterable(_JOB_ID.findall(value) for value in values if isinstance(value, str))
        jobs = (self.jobs.get(job_id, account) for job_id in ids)
        return next((job for job in jobs if job is not None), None)


def _distance(match: Match) -> tuple[bool, int, bool, int]:
    """Say how far a request is from being a call; among calls that fit as well, more constants mean nearer."""
    wrong = match.order.wrong if match.order is not None else match.reading.wrong
    strange = match.job is not None and match.job.type != match.route.operation
    return bool(match.reading.wrong), len(wrong), strange, -match.reading.fixed
