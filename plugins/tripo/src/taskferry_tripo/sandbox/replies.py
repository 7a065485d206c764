"""Replies in the envelopes of both API generations, and the documented error codes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Never

from attrs import frozen
from starlette.responses import JSONResponse, Response

from taskferry.sandbox import Context, RespondWith


@frozen
class Code:
    """What one code means."""

    http: int
    message: str
    suggestion: str


_SEE_DOCS = "Check the parameters against the documentation"
_CONTACT = "Contact support with the trace id"

CODES: Mapping[int, Code] = {
    2: Code(401, "Invalid API key", "Check if your credentials is valid"),
    1000: Code(500, "Unknown server error", _CONTACT),
    1001: Code(500, "Fatal server error", _CONTACT),
    1002: Code(401, "Authentication failed", "Check if your credentials is valid"),
    1003: Code(400, "The request body is malformed", "Check the body against the schema"),
    1004: Code(400, "A parameter is invalid", _SEE_DOCS),
    1005: Code(403, "You are not permitted to do this", "Ask for the permission"),
    1007: Code(429, "You have exceeded the rate limit", "Wait before the next request"),
    2000: Code(429, "You have exceeded the limit of generation", "Please retry later"),
    2001: Code(404, "Task not found", "Check the task id and the key that it was created with"),
    2002: Code(400, "The task type is unsupported", _SEE_DOCS),
    2003: Code(400, "The input file is empty", "Upload the file again"),
    2004: Code(400, "The file type is unsupported", "Convert the file first"),
    2005: Code(400, "The draft task did not succeed", "Use another task"),
    2006: Code(400, "The type of the original task is unsupported", "Use another task"),
    2007: Code(400, "The original task did not succeed", "Wait for it, or use another task"),
    2008: Code(400, "Content moderation violation", "Modify the input"),
    2009: Code(400, "The prompt contains invalid characters", "Remove emoji and special characters"),
    2010: Code(403, "You don't have enough credit to create this task", "Please buy more credits"),
    2011: Code(400, "The rig check needs the output of a model task", "Use another task"),
    2012: Code(400, "This needs a rig task", "Use another task"),
    2013: Code(403, "The priority is invalid", "Leave the priority out"),
    2014: Code(400, "The audit service failed", "Please retry later"),
    2015: Code(400, "The version is deprecated", "Use a higher version"),
    2016: Code(400, "The task type is deprecated", "Use another type"),
    2017: Code(400, "The version is invalid", _SEE_DOCS),
    2018: Code(400, "The model is too complex to remesh", "Use a simpler model"),
    2019: Code(404, "The file was not found", "Upload the file again"),
    4001: Code(404, "Route not found", "Check the path"),
}
"""The documented table; messages are in our words but for 2, whose text was seen live."""

_USUAL = {400: 1004, 401: 2, 403: 1005, 404: 2001, 405: 1003, 415: 1003, 429: 1007, 500: 1000}


def code_of(word: str) -> tuple[int, int]:
    """Read what follows `refuse:`, a code of the service or an HTTP status; give the code and the HTTP status."""
    number = int(word) if word.isdecimal() else 1004
    if number in CODES:
        return number, CODES[number].http
    return (_USUAL.get(number, 1000), number) if 400 <= number <= 599 else (number, 400)


def is_v2(context: Context) -> bool:
    """Tell whether a request is of the older API."""
    return context.entry.path.startswith("/v2/")


def success(data: object) -> Response:
    """Answer in v3's envelope."""
    return JSONResponse({"code": 0, "status": "success", "data": data})


def success_v2(data: object) -> Response:
    """Answer in v2's envelope, which has no status."""
    return JSONResponse({"code": 0, "data": data})


def request_id(context: Context) -> str:
    """Give the id that the reply's header and its error share: the client's, or one made up."""
    given = context.request.headers.get("x-request-id")
    return str(context.request.scope["state"].setdefault("request_id", given or f"req_{uuid.uuid4().hex}"))


def error_reply(
    context: Context,
    code: int,
    message: str | None = None,
    *,
    status: int | None = None,
    retry_after: int | None = None,
) -> Response:
    """Answer with an error; `message` and `status` override what the code usually has."""
    usual = CODES.get(code, Code(400, f"Error {code}", _SEE_DOCS))
    if code == 2 and is_v2(context):
        code = 1002
    body: dict[str, object] = {"code": code, "message": message or usual.message, "suggestion": usual.suggestion}
    if not is_v2(context):
        body |= {"status": "error", "request_id": request_id(context)}
    http = status or usual.http
    if http in (429, 503):
        retry_after = retry_after or 1
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    return JSONResponse(body, status_code=http, headers=headers)


def fail(context: Context, code: int, message: str | None = None, *, status: int | None = None) -> Never:
    """End the request with an error."""
    raise RespondWith(error_reply(context, code, message, status=status))
