"""The VAP service on loopback: V3 tasks, balance and health, as its papers and clients describe them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Never

from starlette.responses import JSONResponse, Response

from taskferry.sandbox import (
    Context,
    Endpoint,
    Job,
    Media,
    Problem,
    Rate,
    RespondWith,
    Settings,
    StandIn,
)
from taskferry_vap.sandbox.documents import money, status_word, task_document
from taskferry_vap.sandbox.errors import code_of, error_reply
from taskferry_vap.sandbox.media import make
from taskferry_vap.sandbox.parameters import TYPES, complete, faults_of, price_of, task_type
from taskferry_vap.sandbox.tokens import TOKENS

_VERSION = "1.12.4"
_DAILY_SPEND = Decimal(1000)
"""US dollars a day of tier 3."""
_RATES = {"requests": Rate(1000, 60)}
"""Requests a minute of tier 3."""
_KEY = re.compile(r"Bearer (?P<key>[\x21-\x7e]{8,})")
_STATUS_FILTERS = {
    "pending": ("pending", "queued"),
    "queued": ("queued",),
    "processing": ("processing", "executing"),
    "executing": ("executing",),
    "completed": ("completed",),
    "failed": ("failed",),
}


class VapStandIn(StandIn):
    """VAP's V3 tasks; every account is of tier 3 with $10,000."""

    name = "vap"
    key_variable = "VAP_API_KEY"
    opening_balance = Decimal(10_000)
    rates = _RATES
    tokens = TOKENS

    def endpoints(self) -> Sequence[Endpoint]:
        """List the V3 endpoints; those of other generations are not served."""
        return [
            Endpoint(method="POST", path="/v3/tasks", handler=self._create, kind="create"),
            Endpoint(method="GET", path="/v3/tasks", handler=self._list, kind="read"),
            Endpoint(method="GET", path="/v3/tasks/{task_id}", handler=self._read, kind="read"),
            Endpoint(method="GET", path="/v3/agents/me/balance", handler=self._balance),
            Endpoint(method="GET", path="/v3/balance", handler=self._balance),
            Endpoint(method="GET", path="/v3/health", handler=self._health, key=False, bucket=None),
            Endpoint(method="GET", path="/health", handler=self._health, key=False, bucket=None),
        ]

    def example_key(self) -> str:
        """Make up a key as the quick start shows it."""
        return f"vap_{secrets.token_hex(16)}"

    def account_key(self, context: Context) -> str | None:
        """Read the bearer key; its prefix is not looked at, for the papers show two."""
        match = _KEY.fullmatch(context.request.headers.get("authorization", ""))
        return match["key"] if match else None

    def status(self, job: Job, now: float) -> str:
        """Say where a task stands."""
        return status_word(job, now)

    def problem(self, context: Context, problem: Problem, **details: Any) -> Response:
        """Answer in the documented shape, or in the one asked for."""
        if problem is Problem.FUNDS:
            details = {name: f"{amount:.4f}" for name, amount in details.items()}
        if problem in (Problem.NO_SUCH_PATH, Problem.NO_SUCH_METHOD):
            status, message = (405, "Method Not Allowed") if problem is Problem.NO_SUCH_METHOD else (404, "Not Found")
            return JSONResponse({"detail": message}, status_code=status)
        if problem is Problem.RATE:
            details["window"] = "1 minute"
        return error_reply(_PROBLEM_CODES[problem], details=details, style=context.fault("errors") or "object")

    def refusal(self, context: Context, code: str) -> Response:
        """Answer with one of the service's errors."""
        known, status = code_of(code)
        return error_reply(known, status=status, style=context.fault("errors") or "object")

    def produce(self, job: Job, name: str) -> Media:
        """Make a file of a completed task."""
        return make(job, name)

    async def _create(self, context: Context) -> Response:
        body = await self._body(context)
        given = body.get("params", body)
        if not isinstance(given, dict):
            self._fail(context, "invalid_parameters", errors={"params": "must be an object"})
        kind = task_type(body.get("type"))
        description = given.get("description") or given.get("prompt")
        if isinstance(description, str):
            context.begin(description)
        if kind is None:
            self._fail(context, "invalid_task_type")
        if not isinstance(description, str) or not description.strip():
            self._fail(context, "invalid_description")
        parameters = complete(kind, given)
        if wrong := faults_of(kind, parameters):
            self._fail(context, "invalid_parameters", errors=wrong)
        price = price_of(kind, parameters)
        self._check_spending(context, price)
        actual = context.script.word("actual")
        job = self.create(
            context,
            type=kind,
            prompt=description,
            price=price,
            charge=min(price, Decimal(actual)) if actual else None,
            queue=TYPES[kind].queue,
            run=TYPES[kind].run,
            input=parameters,
        )
        return JSONResponse({"task_id": job.id, "status": "pending", "estimated_cost": money(job.price, job)})

    async def _read(self, context: Context) -> Response:
        task_id = context.request.path_params["task_id"]
        job = self.read(context, [task_id]).get(task_id)
        if job is None:
            self._fail(context, "task_not_found")
        response = JSONResponse(self._document(context, job))
        if job.script.take("broken-json") or context.fault("broken-json") is not None:
            return Response(response.body[: len(response.body) // 2], media_type="application/json")
        return response

    async def _list(self, context: Context) -> Response:
        query = context.request.query_params
        limit, status = query.get("limit", "10"), query.get("status")
        if not limit.isdecimal() or not 1 <= int(limit) <= 50:
            self._fail(context, "invalid_parameters", errors={"limit": f"must be from 1 to 50, not {limit!r}"})
        if status is not None and status not in _STATUS_FILTERS:
            wrong = f"must be one of {', '.join(_STATUS_FILTERS)}, not {status!r}"
            self._fail(context, "invalid_parameters", errors={"status": wrong})
        jobs = self.jobs.of(context.account.id)
        if status is not None:
            jobs = [job for job in jobs if status_word(job, context.now) in _STATUS_FILTERS[status]]
        shown = jobs[: int(limit)]
        context.entry.task_ids = tuple(job.id for job in shown)
        tasks = [self._document(context, job) for job in shown]
        return JSONResponse({"tasks": tasks, "total": len(jobs), "limit": int(limit), "offset": 0})

    async def _balance(self, context: Context) -> Response:
        account = context.account
        amounts = {"balance": account.balance, "reserved": account.reserved, "usable": account.usable}
        return JSONResponse({name: float(amount) for name, amount in amounts.items()} | {"currency": "USD"})

    async def _health(self, _: Context) -> Response:
        return JSONResponse({"status": "healthy", "version": _VERSION, "service": "vap", "dependencies": {}})

    async def _body(self, context: Context) -> dict[str, Any]:
        try:
            body = await context.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            self._fail(context, "invalid_request")
        return body

    def _check_spending(self, context: Context, price: Decimal) -> None:
        spent = self.spent_today(context)
        if self.settings.limits and spent + price > _DAILY_SPEND:
            self._fail(context, "tier_limit_exceeded", daily_limit=f"{_DAILY_SPEND:.4f}", spent=f"{spent:.4f}")

    def _document(self, context: Context, job: Job) -> dict[str, Any]:
        return task_document(job, context.now, lambda name: self.file_url(context, job, name))

    def _fail(self, context: Context, code: str, **details: Any) -> Never:
        raise RespondWith(error_reply(code, details=details, style=context.fault("errors") or "object"))


_PROBLEM_CODES = {
    Problem.UNAUTHORIZED: "invalid_api_key",
    Problem.RATE: "rate_limit_exceeded",
    Problem.CONCURRENCY: "rate_limit_exceeded",
    Problem.FUNDS: "insufficient_balance",
}


def stand_in(settings: Settings) -> VapStandIn:
    """Make VAP's stand-in."""
    return VapStandIn(settings)
