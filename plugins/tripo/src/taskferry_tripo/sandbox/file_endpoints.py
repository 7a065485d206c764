"""How files come in: as a form, or by a presigned PUT."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.responses import Response

from taskferry.sandbox import Context, Endpoint
from taskferry_tripo.sandbox.replies import refuse, success
from taskferry_tripo.sandbox.uploads import format_of, supported

if TYPE_CHECKING:
    from taskferry_tripo.sandbox.service import TripoStandIn

_PRESIGNED_LIFE = 1800
"""Seconds."""


def endpoints(tripo: TripoStandIn) -> Sequence[Endpoint]:
    """List v3's upload endpoints and the object store that presigned URLs lead to."""
    return [
        Endpoint(method="POST", path="/v3/files", handler=partial(_upload, tripo), bucket="uploads"),
        Endpoint(method="POST", path="/v3/files/presign", handler=partial(_presign, tripo), bucket="uploads"),
        Endpoint(method="PUT", path="/uploads/{token}", handler=partial(_put, tripo), key=False, bucket=None),
    ]


async def receive_form(tripo: TripoStandIn, context: Context) -> str:
    """Take in the `file` of a form and give its token, or refuse the request."""
    if not context.request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise refuse(context, 1003, "The content type has to be multipart/form-data", status=415)
    async with context.request.form() as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise refuse(context, 2003, "The form has no file")
        name, content = file.filename or "", await file.read()
    token = tripo.uploads.promise(context.account.id, name, format_of(name))
    if code := tripo.uploads.receive(token, content):
        raise refuse(context, code)
    return token


async def _upload(tripo: TripoStandIn, context: Context) -> Response:
    return success({"file_token": await receive_form(tripo, context)})


async def _presign(tripo: TripoStandIn, context: Context) -> Response:
    wanted = (await tripo.body(context)).get("format")
    if not isinstance(wanted, str) or not supported(wanted):
        raise refuse(context, 2004, f"format: {wanted!r} is not supported")
    token = tripo.uploads.promise(context.account.id, f"upload.{wanted}", wanted)
    query = tripo.files.query(token, "upload", context.now + _PRESIGNED_LIFE)
    url = f"{context.base_url}/uploads/{token}?{query}"
    return success({"presigned_url": url, "file_token": token, "expires_in": _PRESIGNED_LIFE})


async def _put(tripo: TripoStandIn, context: Context) -> Response:
    """Take in the bytes as an object store does, which knows no key of Tripo's."""
    token = context.request.path_params["token"]
    if "authorization" in context.request.headers:
        return _store_error(400, "InvalidArgument", "Only one auth mechanism allowed")
    if not tripo.uploads.known(token) or not tripo.files.valid(context.request, token, "upload", context.now):
        return _store_error(403, "AccessDenied", "Request has expired")
    if tripo.uploads.receive(token, await context.request.body()):
        return _store_error(400, "InvalidRequest", "The file is not of the format it was presigned for")
    return Response(status_code=200)


def _store_error(status: int, code: str, message: str) -> Response:
    page = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(page, status_code=status, media_type="application/xml")
