"""What goes wrong, as a page or as JSON: what happened and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from taskferry.errors import LedgerError, TaskferryError, UnknownName, UsageError
from taskferry.web.state import state_of

_MISSING = "There is no such page."
_DEFECT = "This is a defect of taskferry or of a plugin; its log says more. Jobs are safe in the ledger."


def failed(request: Request, message: str, status: int) -> Response:
    """Tell what went wrong."""
    if request.url.path.endswith(".json") or "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"error": message}, status_code=status)
    return state_of(request).renderer.page(request, "error.html", status=status, message=message, code=status)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "it is registered for it"
    return failed(request, _MISSING if error.status_code == 404 else error.detail, error.status_code)


async def _known(request: Request, error: Exception) -> Response:
    status = 404 if isinstance(error, UnknownName) else 400 if isinstance(error, UsageError) else 502
    return failed(request, str(error), 503 if isinstance(error, LedgerError) else status)


async def _defect(request: Request, error: Exception) -> Response:  # the server logs the error itself
    return failed(request, f"{_DEFECT} ({type(error).__name__})", 500)


HANDLERS: Mapping[Any, Any] = {HTTPException: _http, TaskferryError: _known, Exception: _defect}
