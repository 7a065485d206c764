"""One request as a card's stand-in reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

_FORM = "multipart/form-data"


class UnreadableBody(ValueError):
    """The body is neither JSON nor a form."""


@frozen(kw_only=True)
class SentFile:
    """A file that came with a request."""

    name: str
    size: int
    """Bytes."""


@frozen(kw_only=True)
class Asked:
    """What a request says."""

    path: str
    """Quoted as it came, below the prefix that all paths share."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    """Decoded JSON, or the fields of a form by name; None where there is none."""


async def asked(request: Request, prefix: str, *, document: bool) -> Asked:
    """Read a request; without a `document` its body is left alone. Raise UnreadableBody."""
    raw = request.scope.get("raw_path") or request.url.path.encode()
    return Asked(
        path=raw.decode("ascii", "replace").removeprefix(prefix),
        query=request.query_params,
        headers=request.headers,
        body=await _body(request) if document else None,
    )


async def _body(request: Request) -> Any:
    if request.headers.get("content-type", "").startswith(_FORM):
        return await _form(request)
    content = await request.body()
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError as error:
        raise UnreadableBody(f"The body is not JSON: {error}") from error


async def _form(request: Request) -> dict[str, Any]:
    """Read a form; a file is a SentFile, and what came several times is a list."""
    try:
        async with request.form() as form:
            fields: dict[str, list[Any]] = {}
            for name, value in form.multi_items():
                fields.setdefault(name, []).append(await _received(value))
            return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
    except HTTPException as error:
        raise UnreadableBody(f"The form cannot be read: {error.detail}") from error


async def _received(value: UploadFile | str) -> SentFile | str:
    if isinstance(value, str):
        return value
    return SentFile(name=value.filename or "", size=len(await value.read()))
