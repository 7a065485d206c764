"""What is kept of API v2, which the vendor shut on 2026-11-01: one create for all types, reads, uploads, balance."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import Response

from taskferry.sandbox import Context, Endpoint
from taskferry_tripo.sandbox.capabilities import BY_TYPE
from taskferry_tripo.sandbox.file_endpoints import receive_form
from taskferry_tripo.sandbox.replies import fail, success_v2
from taskferry_tripo.sandbox.requests import json_object
from taskferry_tripo.sandbox.v2_documents import task_document_v2

if TYPE_CHECKING:
    from taskferry_tripo.sandbox.service import TripoStandIn

_ROOT = "/v2/openapi"
_DEFAULT_MODEL = "v2.5-20250123"
_DEPRECATED = ("refine_model", "stylize_model", "animate_model", "classification", "render_video", "render_image")


def endpoints(tripo: TripoStandIn) -> Sequence[Endpoint]:
    """List the endpoints."""
    create, read, upload = partial(_create, tripo), partial(_read, tripo), partial(_upload, tripo)
    return [
        Endpoint(method="POST", path=f"{_ROOT}/task", handler=create, kind="create", bucket="creations"),
        Endpoint(method="GET", path=f"{_ROOT}/task/{{task_id}}", handler=read, kind="read"),
        Endpoint(method="POST", path=f"{_ROOT}/upload", handler=upload, bucket="uploads"),
        Endpoint(method="POST", path=f"{_ROOT}/upload/sts", handler=upload, bucket="uploads"),
        Endpoint(method="GET", path=f"{_ROOT}/user/balance", handler=_balance),
    ]


async def _create(tripo: TripoStandIn, context: Context) -> Response:
    body = await json_object(context)
    kind = body.get("type")
    if kind in _DEPRECATED:
        fail(context, 2016)
    capability = BY_TYPE.get(kind) if isinstance(kind, str) else None
    if capability is None:
        fail(context, 2002, f"the task type {kind!r:.100} is unsupported")
    if "model" in capability.required and not body.get("model_version"):
        body["model_version"] = _DEFAULT_MODEL
    return success_v2({"task_id": tripo.begin(context, capability, body).id})


async def _read(tripo: TripoStandIn, context: Context) -> Response:
    job = tripo.find(context, context.request.path_params["task_id"])
    return success_v2(task_document_v2(job, context.now, partial(tripo.file_url, context, job)))


async def _upload(tripo: TripoStandIn, context: Context) -> Response:
    return success_v2({"image_token": await receive_form(tripo, context, prefix="")})


async def _balance(context: Context) -> Response:
    return success_v2({"balance": int(context.account.usable), "frozen": int(context.account.reserved)})
