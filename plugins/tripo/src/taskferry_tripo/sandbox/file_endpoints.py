"""How files come in: in a form, or by a PUT to a presigned URL that wants no key."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from taskferry.sandbox import Context, Endpoint
from taskferry_tripo.sandbox.origin import origin
from taskferry_tripo.sandbox.replies import fail, success
from taskferry_tripo.sandbox.requests import json_object
from taskferry_tripo.sandbox.uploads import KINDS, MOST_BYTES, kind_of

if TYPE_CHECKING:
    from taskferry_tripo.sandbox.service import TripoStandIn

_PRESIGNED_LIFE = 1800
"""Seconds; not shortened by the speed, for uploads do not get faster."""


def endpoints(tripo: TripoStandIn) -> Sequence[Endpoint]:
    """List v3's upload endpoints and the object store that presigned URLs lead to."""
    return [
        Endpoint(method="POST", path="/v3/files", handler=partial(_upload, tripo), bucket="uploads"),
        Endpoint(method="POST", path="/v3/files/presign", handler=partial(_presign, tripo), bucket="uploads"),
        Endpoint(method="PUT", path="/storage/{token}", handler=partial(_put, tripo), key=False, bucket=None),
    ]


async def receive_form(tripo: TripoStandIn, context: Context, *, prefix: str = "file_") -> str:
    """Take in the `file` of a form and give its token, which begins with `prefix`."""
    media_type = context.request.headers.get("content-type", "")
    if not media_type.startswith("multipart/form-data"):
        fail(context, 1003, f"the content type must be multipart/form-data, not {media_type!r:.100}", status=415)
    try:
        async with context.request.form() as form:
            part = form.get("file")
            if not isinstance(part, UploadFile):
                fail(context, 1004, "the form must hold a file called file")
            content, name = await part.read(), part.filename or ""
    except HTTPException as error:
        fail(context, 1003, error.detail)
    if not content:
        fail(context, 2003)
    kind = kind_of(content, name)
    if kind is None:
        fail(context, 2004)
    if len(content) > MOST_BYTES[kind]:
        fail(context, 1004, f"the file must have at most {MOST_BYTES[kind]} bytes, not {len(content)}")
    return tripo.uploads.add(context.account.id, kind, name, prefix=prefix).token


async def _upload(tripo: TripoStandIn, context: Context) -> Response:
    return success({"file_token": await receive_form(tripo, context)})


async def _presign(tripo: TripoStandIn, context: Context) -> Response:
    wanted = (await json_object(context)).get("format")
    if not isinstance(wanted, str) or wanted not in KINDS:
        fail(context, 2004, f"format must be one of {', '.join(KINDS)}, not {wanted!r:.100}")
    upload = tripo.uploads.add(context.account.id, KINDS[wanted], f"upload.{wanted}", arrived=False)
    query = tripo.files.query(upload.token, "upload", context.now + _PRESIGNED_LIFE)
    key = "presigned_url" if context.fault("upload-url") is None else "upload_url"
    url = f"{origin(context)}/storage/{upload.token}?{query}"
    return success({key: url, "file_token": upload.token, "expires_in": _PRESIGNED_LIFE})


async def _put(tripo: TripoStandIn, context: Context) -> Response:
    """Take in the bytes as an object store does, which knows no key of Tripo's."""
    token = context.request.path_params["token"]
    upload = tripo.uploads.get(token)
    if "authorization" in context.request.headers:
        return _store_error(400, "InvalidArgument", "Only one auth mechanism allowed")
    if upload is None or not tripo.files.valid(context.request, token, "upload", context.now):
        return _store_error(403, "AccessDenied", "Request has expired")
    size = len(await context.request.body())
    if size > MOST_BYTES[upload.kind]:
        return _store_error(400, "EntityTooLarge", f"{size} bytes are more than {MOST_BYTES[upload.kind]}")
    upload.arrived = size > 0
    return Response(status_code=200)


def _store_error(status: int, code: str, message: str) -> Response:
    page = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(page, status_code=status, media_type="application/xml")
