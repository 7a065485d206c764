"""Local files of a request become tokens: small ones in a form, large ones at an address that Tripo signs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from taskferry import (
    Call,
    Exchange,
    Failure,
    FilePart,
    MalformedReply,
    ProviderError,
    Reply,
    Request,
    UsageError,
    dig,
    local_file,
)
from taskferry_tripo.formats import media_type

FORM_LIMIT = 50 * 1024 * 1024
"""Bytes that go in a form; Tripo's papers draw the line at 60 MB, its SDK at these 50."""
_TYPE_OF_ANY = "application/octet-stream"


def with_tokens(request: Request) -> Exchange[Mapping[str, Any]]:
    """Upload each local file of a request once; give its parameters with tokens in the files' places."""
    tokens: dict[Path, str] = {}
    for value in _media(request):
        path = local_file(value)
        if path is not None and path not in tokens:
            tokens[path] = yield from _uploaded(path)
    if not tokens:
        return request.parameters
    return {
        name: _replaced(value, tokens) if name in _media_names(request) else value
        for name, value in request.parameters.items()
    }


def _uploaded(path: Path) -> Exchange[str]:
    part = FilePart(path=path, media_type=media_type(path) or _TYPE_OF_ANY)
    if _size(path) <= FORM_LIMIT:
        return _token((yield Call.upload("/v3/files", part)))
    presigned = yield Call.post("/v3/files/presign", json={"format": path.suffix[1:].lower()}, free=True)
    token, url = _token(presigned), _address(presigned)
    try:
        yield Call.upload(url, part, whole_body=True, signed=False)
    except ProviderError as error:
        raise ProviderError(_refused(path, error.failure)) from error
    return token


def _size(path: Path) -> int:
    """Give a file's size; it was checked when the task was made, which can be days ago."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise UsageError(
            f"{path} cannot be uploaded: {error.strerror or error}. Put it back, or submit anew."
        ) from error


def _token(reply: Reply) -> str:
    token = reply.at("data.file_token", str)
    if not token:
        raise MalformedReply("Tripo took a file and gave an empty file_token.")
    return token


def _address(presigned: Reply) -> str:
    """Give the address to put a file to, which sources name in two ways."""
    for name in ("presigned_url", "upload_url"):
        url = dig(presigned.json, f"data.{name}")
        if isinstance(url, str) and url:
            return url
    raise MalformedReply("Tripo's presign reply came with neither presigned_url nor upload_url.")


def _refused(path: Path, failure: Failure) -> Failure:
    """Say where it happened, for the object store's own words are those of no Tripo call."""
    return evolve(failure, message=f"Tripo's file store did not take {path.name}: {failure.message}")


def _media_names(request: Request) -> set[str]:
    """Name the parameters that may hold files: nothing else is uploaded, whatever a text looks like."""
    properties = request.operation.parameters["properties"]
    return {
        name
        for name, schema in properties.items()
        if "media" in (schema.get("format"), dig(schema, "items.format")) and name in request.parameters
    }


def _media(request: Request) -> Iterator[Any]:
    names = _media_names(request)
    for name, value in request.parameters.items():
        if name in names:
            yield from value if isinstance(value, list) else (value,)


def _replaced(value: Any, tokens: Mapping[Path, str]) -> Any:
    if isinstance(value, list):
        return [_replaced(item, tokens) for item in value]
    path = local_file(value)
    return value if path is None else tokens[path]
