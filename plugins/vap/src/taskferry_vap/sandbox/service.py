"""The VAP service on loopback: V3, the media API v1 and the MCP sub-paths, as its papers and clients describe them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from starlette.responses import JSONResponse, Response

from taskferry.sandbox import Context, Endpoint, Job, Media, Problem, Settings, StandIn
from taskferry_vap.sandbox import (
    account_endpoints,
    mcp_endpoints,
    picture_endpoints,
    task_endpoints,
    trial_endpoints,
    webhooks,
)
from taskferry_vap.sandbox.documents import Show, status_word
from taskferry_vap.sandbox.errors import code_of, error_reply, fail, style_of, truncated
from taskferry_vap.sandbox.orders import Order
from taskferry_vap.sandbox.outputs import produce
from taskferry_vap.sandbox.tiers import RATES, bearer_key, check, tier_of
from taskferry_vap.sandbox.tokens import TOKENS


class VapStandIn(StandIn):
    """VAP's tasks; every account has $10,000 and is of the highest tier, unless its key says otherwise."""

    name = "vap"
    key_variable = "VAP_API_KEY"
    webhook_secret_variable = "VAP_WEBHOOK_SECRET"  # noqa: S105  # the name of a variable
    opening_balance = Decimal(10_000)
    rates = RATES
    tokens = TOKENS

    def endpoints(self) -> Sequence[Endpoint]:
        """List the endpoints of all generations, which share one store."""
        return [
            *task_endpoints.endpoints(self),
            *picture_endpoints.endpoints(self),
            *trial_endpoints.endpoints(self),
            *account_endpoints.endpoints(self),
            *mcp_endpoints.endpoints(self),
        ]

    def example_key(self) -> str:
        """Make up a key as the quick start shows it."""
        return f"vap_{secrets.token_hex(16)}"

    def env(self, base_url: str) -> dict[str, str]:
        """Add the variables that the vendor's own clients read."""
        return {**super().env(base_url), "VAP_API_BASE_URL": base_url, "VAP_API_URL": f"{base_url}/mcp"}

    def account_key(self, context: Context) -> str | None:
        """Read the bearer key."""
        return bearer_key(context)

    def bucket(self, context: Context, endpoint: Endpoint) -> str | None:
        """Count against the rate of the key's tier."""
        return f"tier{tier_of(context)}" if endpoint.key and endpoint.bucket else endpoint.bucket

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
        return error_reply(_PROBLEM_CODES[problem], details=details, style=style_of(context))

    def refusal(self, context: Context, code: str) -> Response:
        """Answer with one of the service's errors."""
        known, status = code_of(code)
        return error_reply(known, status=status, style=style_of(context))

    def produce(self, job: Job, name: str) -> Media:
        """Make a file of a completed task."""
        return produce(job, name)

    async def take(self, context: Context, order: Order) -> Job:
        """Create a task, and announce it where a webhook was asked for, even if the reply is lost."""
        context.begin(order.prompt)
        check(self, context, order.product, order.price)
        actual = context.script.word("actual")
        try:
            job = self.create(
                context,
                type=order.type,
                prompt=order.prompt,
                price=order.price,
                charge=min(order.price, Decimal(actual)) if actual else None,
                queue=order.product.queue,
                run=order.product.run,
                input=order.outputs,
            )
        finally:
            if order.webhook_url and context.entry.task_ids:
                webhooks.announce(self, context, context.entry.task_ids[0], order.webhook_url)
        await self._linger(context, "slow")
        return job

    async def find(self, context: Context, task_id: str) -> Job:
        """Find a task for a status read, or answer that there is none."""
        job = self.read(context, [task_id]).get(task_id)
        if job is None:
            fail(context, "task_not_found")
        context.script = job.script
        await self._linger(context, "slow-read")
        return job

    def shown(self, context: Context, job: Job, show: Show) -> Response:
        """Answer with a task."""
        response = JSONResponse(self.document(context, job, show))
        if job.script.take("broken-json") or context.fault("broken-json") is not None:
            return truncated(response)
        return response

    def document(self, context: Context, job: Job, show: Show) -> dict[str, Any]:
        """Write a task with signed URLs."""
        return show(job, context.now, lambda name: self.file_url(context, job, name))

    async def _linger(self, context: Context, name: str) -> None:
        if (seconds := context.fault(name)) is not None:
            await asyncio.sleep(float(seconds) / self.settings.speed)


_PROBLEM_CODES: Mapping[Problem, str] = {
    Problem.UNAUTHORIZED: "invalid_api_key",
    Problem.RATE: "rate_limit_exceeded",
    Problem.CONCURRENCY: "rate_limit_exceeded",
    Problem.FUNDS: "insufficient_balance",
}


def stand_in(settings: Settings) -> VapStandIn:
    """Make VAP's stand-in."""
    return VapStandIn(settings)
