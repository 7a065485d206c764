"""The Tripo service on loopback: API v3 as the vendor's clients and papers describe it, and what is left of v2."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from taskferry.sandbox import Context, Endpoint, Job, Media, Problem, Rate, RespondWith, Settings, StandIn
from taskferry_tripo.sandbox import creation, file_endpoints, v2_endpoints, webhooks
from taskferry_tripo.sandbox.capabilities import CAPABILITIES, CONCURRENCY, Capability
from taskferry_tripo.sandbox.documents import status_word, task_document, usage_row
from taskferry_tripo.sandbox.media import make
from taskferry_tripo.sandbox.origin import origin, trace_id
from taskferry_tripo.sandbox.replies import code_of, error_reply, fail, request_id, success
from taskferry_tripo.sandbox.requests import integer, json_object, task_ids_of
from taskferry_tripo.sandbox.sources import Resolver
from taskferry_tripo.sandbox.tokens import TOKENS
from taskferry_tripo.sandbox.uploads import Uploads

_RATES = {"requests": Rate(6000, 60), "creations": Rate(200, 60), "uploads": Rate(10, 60)}
"""A minute; the limits of creations and uploads are documented, that of all else is a guess."""
_KEY = re.compile(r"Bearer (?P<key>tsk_[\x21-\x7e]+)")


class TripoStandIn(StandIn):
    """Tripo's tasks; every account has a million credits."""

    name = "tripo"
    key_variable = "TRIPO_API_KEY"
    webhook_secret_variable = "TRIPO_WEBHOOK_SECRET"  # noqa: S105  # the name of a variable
    opening_balance = Decimal(1_000_000)
    rates = _RATES
    concurrency = CONCURRENCY
    tokens = TOKENS
    files_path = "/cdn"
    url_life = 300.0

    def reset(self) -> None:
        """Forget the uploads too."""
        super().reset()
        self.uploads = Uploads()

    def endpoints(self) -> Sequence[Endpoint]:
        """List the endpoints of v3, and those of v2 that are kept."""
        creations = [
            Endpoint(
                method="POST",
                path=f"/v3/{capability.path}",
                handler=self._creator(capability),
                kind="create",
                bucket="creations",
            )
            for capability in CAPABILITIES
        ]
        return [
            *creations,
            Endpoint(method="POST", path="/v3/tasks/list", handler=self._list, kind="read"),
            Endpoint(method="GET", path="/v3/tasks/{task_id}", handler=self._read, kind="read"),
            Endpoint(method="GET", path="/v3/account/balance", handler=self._balance),
            Endpoint(method="GET", path="/v3/account/usage", handler=self._usage),
            *file_endpoints.endpoints(self),
            *v2_endpoints.endpoints(self),
        ]

    def example_key(self) -> str:
        """Make up a key of the usual length."""
        return f"tsk_{secrets.token_urlsafe(32)}"

    def account_key(self, context: Context) -> str | None:
        """Read the bearer key."""
        match = _KEY.fullmatch(context.request.headers.get("authorization", ""))
        return match["key"] if match else None

    def status(self, job: Job, now: float) -> str:
        """Say where a task stands."""
        return status_word(job, now)

    def problem(self, context: Context, problem: Problem, **details: Any) -> Response:
        """Answer with the code that the service has for it."""
        code, status = _PROBLEMS[problem]
        return error_reply(context, code, status=status, retry_after=details.get("retry_after"))

    def refusal(self, context: Context, code: str) -> Response:
        """Answer with one of the service's errors."""
        known, status = code_of(code)
        return error_reply(context, known, status=status)

    def produce(self, job: Job, name: str) -> Media:
        """Make a file of a finished task."""
        return make(job, name)

    def headers(self, context: Context) -> Mapping[str, str]:
        """Add the ids that a call can be traced by."""
        ids = {"X-Tripo-Trace-ID": trace_id(context), "X-Request-ID": request_id(context)}
        return {**super().headers(context), **ids}

    def file_url(self, context: Context, job: Job, name: str) -> str:
        """Sign a URL that also reaches a client whose Host header has no port, as the vendor's SDK sends it."""
        return origin(context) + super().file_url(context, job, name).removeprefix(context.base_url)

    def begin(self, context: Context, capability: Capability, given: Mapping[str, Any]) -> Job:
        """Create a task from a body."""
        resolver = Resolver(context, lambda task_id: self.jobs.get(task_id, context.account.id), self.uploads)
        order = creation.read(capability, given, context, resolver)
        context.begin(order.prompt)
        if (code := context.fault("soft-error")) is not None:
            raise RespondWith(error_reply(context, code_of(code)[0], status=200))
        return self.create(
            context,
            type=capability.type,
            prompt=order.prompt,
            price=capability.price(order.body),
            queue=capability.queue,
            run=capability.run,
            input=order.body,
            group=capability.concurrency_group(order.body),
        )

    def find(self, context: Context, task_id: str) -> Job:
        """Find a task for a status read, or answer that there is none."""
        job = self.read(context, [task_id]).get(task_id)
        if job is None:
            fail(context, 2001)
        return job

    def _creator(self, capability: Capability) -> Callable[[Context], Awaitable[Response]]:
        async def create(context: Context) -> Response:
            body = await json_object(context)
            try:
                job = self.begin(context, capability, body)
            finally:  # a task whose reply was lost ends too
                if context.entry.task_ids:
                    webhooks.announce(self, context, context.entry.task_ids[0])
            said = {"task_id": job.id}
            if not job.script.has("bare-create"):
                said |= {"type": job.type, "status": "queued"}
            return success(said)

        return create

    async def _read(self, context: Context) -> Response:
        job = self.find(context, context.request.path_params["task_id"])
        return success(self._document(context, job))

    async def _list(self, context: Context) -> Response:
        task_ids = task_ids_of(await json_object(context), context)
        jobs = self.read(context, task_ids)
        tasks = {task_id: self._document(context, job) for task_id, job in jobs.items()}
        return success({"tasks": tasks, "missed": [task_id for task_id in task_ids if task_id not in jobs]})

    async def _balance(self, context: Context) -> Response:
        account = context.account
        balance, frozen = float(account.usable), float(account.reserved)
        if context.fault("text-balance") is not None:
            return success({"balance": f"{balance:.2f}", "frozen": None})
        return success({"balance": balance, "frozen": frozen})

    async def _usage(self, context: Context) -> Response:
        limit, offset = integer(context, "limit", 50, low=1, high=200), integer(context, "offset", 0, low=0)
        jobs = self.jobs.of(context.account.id)[offset : offset + limit]
        rows = [usage_row(job, context.now) for job in jobs]
        return success(rows if context.fault("usage-items") is None else {"items": rows})

    def _document(self, context: Context, job: Job) -> dict[str, Any]:
        return task_document(job, context.now, lambda name: self.file_url(context, job, name))


_PROBLEMS: Mapping[Problem, tuple[int, int]] = {
    Problem.UNAUTHORIZED: (2, 401),
    Problem.NO_SUCH_PATH: (4001, 404),
    Problem.NO_SUCH_METHOD: (1003, 405),
    Problem.RATE: (1007, 429),
    Problem.CONCURRENCY: (2000, 429),
    Problem.FUNDS: (2010, 403),
}


def stand_in(settings: Settings) -> TripoStandIn:
    """Make Tripo's stand-in."""
    return TripoStandIn(settings)
