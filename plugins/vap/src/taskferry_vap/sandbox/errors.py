"""Errors in every shape that the vendor's papers and clients know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Never

from starlette.responses import JSONResponse, PlainTextResponse, Response

from taskferry.sandbox import Context, RespondWith

CODES: Mapping[str, tuple[int, str]] = {
    "invalid_description": (400, "Description is empty or missing"),
    "invalid_task_type": (400, "Unknown task type"),
    "invalid_operation": (400, "Unknown operation"),
    "invalid_preset": (400, "Unknown preset"),
    "invalid_request": (400, "The request body is not a JSON object"),
    "content_policy_violation": (400, "Content policy violation"),
    "invalid_api_key": (401, "Missing or invalid API key"),
    "insufficient_balance": (402, "Not enough balance for this task"),
    "tier_limit_exceeded": (403, "Your tier does not allow this"),
    "agent_paused": (403, "This agent is paused"),
    "provider_not_allowed": (403, "This provider is not allowed for your agent"),
    "task_not_found": (404, "Task not found"),
    "duplicate_idempotency_key": (409, "Duplicate idempotency key"),
    "invalid_parameters": (422, "Invalid parameters"),
    "rate_limit_exceeded": (429, "Rate limit exceeded"),
    "internal_error": (500, "Internal server error"),
    "service_unavailable": (503, "The service is overloaded or under maintenance"),
}
"""HTTP status and message by code; the first of a status is what that status usually means."""


def error_reply(
    code: str,
    *,
    status: int | None = None,
    details: Mapping[str, Any] | None = None,
    style: str = "object",
) -> Response:
    """Answer with an error; a code that nobody knows is a 400, `status` overrides what a code usually has."""
    usual, message = CODES.get(code, (400, code.replace("_", " ").capitalize()))
    known = dict(details or {})
    if (status or usual) in (429, 503):
        known.setdefault("retry_after", 1)
    headers = {"Retry-After": str(known["retry_after"])} if "retry_after" in known else None
    if style == "text":
        return PlainTextResponse(message, status_code=status or usual, headers=headers)
    if style == "truncated":
        return truncated(JSONResponse(_object(code, message, known), status_code=status or usual, headers=headers))
    return JSONResponse(_SHAPES[style](code, message, known), status_code=status or usual, headers=headers)


def fail(context: Context, code: str, **details: Any) -> Never:
    """End the request with an error, in the shape that a fault asks for."""
    raise RespondWith(error_reply(code, details=details, style=style_of(context)))


def style_of(context: Context) -> str:
    """Give the shape that errors are to have, by a token of the prompt or a posted fault."""
    return context.fault("errors") or "object"


def truncated(reply: JSONResponse) -> Response:
    """Cut the body in half, complete as it is for HTTP."""
    cut = bytes(reply.body[: len(reply.body) // 2])
    headers = {name: value for name, value in reply.headers.items() if name == "retry-after"}
    return Response(cut, status_code=reply.status_code, headers=headers, media_type="application/json")


def code_of(word: str) -> tuple[str, int | None]:
    """Read what follows `refuse:`, a code, an HTTP status, or both as `insufficient_balance@403`."""
    code, _, status = word.partition("@")
    if code.isdigit():
        usual = next((known for known, (http, _) in CODES.items() if http == int(code)), "provider_error")
        return usual, int(code)
    return code, int(status) if status.isdigit() else None


def _object(code: str, message: str, details: Mapping[str, Any]) -> dict[str, Any]:
    error = {"code": code, "message": message}
    return {"error": {**error, "details": dict(details)} if details else error}


def _flat(_code: str, message: str, details: Mapping[str, Any]) -> dict[str, Any]:
    return {"error": message, **details}


def _detail(_code: str, message: str, details: Mapping[str, Any]) -> dict[str, Any]:
    if "errors" in details:
        return {
            "detail": [
                {"loc": ["body", "params", name], "msg": wrong, "type": "value_error"}
                for name, wrong in details["errors"].items()
            ]
        }
    return {"detail": message}


def _detail_object(code: str, message: str, details: Mapping[str, Any]) -> dict[str, Any]:
    return {"detail": {"code": code, "message": message, **details}}


def _beside(code: str, message: str, details: Mapping[str, Any]) -> dict[str, Any]:
    return {"error": {"message": message, "code": code}, **details}


_SHAPES: Mapping[str, Callable[[str, str, Mapping[str, Any]], dict[str, Any]]] = {
    "object": _object,
    "flat": _flat,
    "detail": _detail,
    "detail-object": _detail_object,
    "beside": _beside,
}

STYLES = (*_SHAPES, "text", "truncated")
