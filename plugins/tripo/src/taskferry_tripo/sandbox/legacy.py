"""Tripo's API v2, which the vendor shut on 2026-11-01: one create for all types, and other words for a task."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import Response

from taskferry.sandbox import Context, Endpoint
from taskferry_tripo.sandbox.capabilities import CAPABILITIES
from taskferry_tripo.sandbox.documents import task_document_v2
from taskferry_tripo.sandbox.file_endpoints import receive_form
from taskferry_tripo.sandbox.inputs import modern
from taskferry_tripo.sandbox.replies import refuse, success_v2

if TYPE_CHECKING:
    from taskferry_tripo.sandbox.service import TripoStandIn

_DEFAULT_MODEL = "v2.5-20250123"
_GONE = ("refine_model", "stylize_model", "animate_model", "classification", "render_video", "render_image")


def endpoints(tripo: TripoStandIn) -> Sequence[Endpoint]:
    """List the v2 endpoints: tasks, the upload of a form, and the balance."""
    root = "/v2/openapi"
    create, read = partial(_create, tripo), partial(_read, tripo)
    uploads = ("/upload", "/upload/sts")
    balances = ("/user/balance", "/user/wallet/balance")
    return [
        Endpoint(method="POST", path=f"{root}/task", handler=create, kind="create", bucket="creations"),
        Endpoint(method="GET", path=f"{root}/task/{{task_id}}", handler=read, kind="read"),
        *(
            Endpoint(method="POST", path=root + path, handler=partial(_upload, tripo), bucket="uploads")
            for path in uploads
        ),
        *(Endpoint(method="GET", path=root + path, handler=_balance) for path in balances),
    ]


async def _create(tripo: TripoStandIn, context: Context) -> Response:
    body = await tripo.body(context)
    type_ = str(body.get("type"))
    if type_ in _GONE:
        raise refuse(context, 2016)
    if type_ not in CAPABILITIES:
        raise refuse(context, 2002, f"The task type {type_!r} is not supported")
    if type_ == "edit_multiview_image" and "original_task_id" in body:
        body["input"] = body.pop("original_task_id")
    modernised = modern(body)
    if type_.endswith("_to_model"):
        modernised.setdefault("model", _DEFAULT_MODEL)
    return success_v2({"task_id": tripo.start(context, type_, modernised).id})


async def _read(tripo: TripoStandIn, context: Context) -> Response:
    job = tripo.shown(context, context.request.path_params["task_id"])
    return success_v2(task_document_v2(job, context.now, lambda name: tripo.file_url(context, job, name)))


async def _upload(tripo: TripoStandIn, context: Context) -> Response:
    return success_v2({"image_token": await receive_form(tripo, context)})


async def _balance(context: Context) -> Response:
    return success_v2({"balance": int(context.account.usable), "frozen": int(context.account.reserved)})
