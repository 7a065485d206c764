"""Trials: three pictures a day for an address, without a key."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve
from starlette.responses import JSONResponse, Response

from taskferry.sandbox import Context, Endpoint
from taskferry_vap.sandbox.documents import trial_document
from taskferry_vap.sandbox.errors import fail
from taskferry_vap.sandbox.orders import body_of, read_task

if TYPE_CHECKING:
    from taskferry_vap.sandbox.service import VapStandIn

PER_DAY = 3
_DAY = 86_400.0


def endpoints(stand_in: VapStandIn) -> Sequence[Endpoint]:
    """List the endpoints of trials."""

    async def generate(context: Context) -> Response:
        _hold(stand_in, context)
        body = await body_of(context)
        prompt = {name: body[name] for name in ("description", "prompt") if name in body}
        order = read_task(context, {"type": "image", "params": prompt})
        left = PER_DAY - _used(stand_in, context)
        if left <= 0 and stand_in.settings.limits:
            fail(context, "rate_limit_exceeded", limit=PER_DAY, window="1 day", retry_after=_rest(stand_in, context))
        job = await stand_in.take(context, evolve(order, price=Decimal(0)))
        return JSONResponse({"task_id": job.id, "status": "pending", "remaining": max(left - 1, 0)})

    async def status(context: Context) -> Response:
        _hold(stand_in, context)
        job = await stand_in.find(context, context.request.path_params["task_id"])
        return stand_in.shown(context, job, trial_document)

    return [
        Endpoint(method="POST", path="/v3/trial/generate", handler=generate, kind="create", key=False, bucket=None),
        Endpoint(method="GET", path="/v3/trial/status/{task_id}", handler=status, kind="read", key=False, bucket=None),
    ]


def _hold(stand_in: VapStandIn, context: Context) -> None:
    """Give the request the account of its address, whose name no key can have."""
    address = context.request.client.host if context.request.client else ""
    context.holder = stand_in.accounts.open(f"trial of {address}")
    context.holder.settle(context.now)


def _used(stand_in: VapStandIn, context: Context) -> int:
    speed = stand_in.settings.speed
    today = context.now * speed // _DAY
    return sum(job.created_at * speed // _DAY == today for job in stand_in.jobs.of(context.account.id))


def _rest(stand_in: VapStandIn, context: Context) -> int:
    """Seconds until the next day, which comes the sooner the faster the stand-in is."""
    speed = stand_in.settings.speed
    return max(1, round((_DAY - context.now * speed % _DAY) / speed))
