"""The endpoints under /_sandbox, which need no key: what exists, what was asked, what is to go wrong, begin anew."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from taskferry.sandbox.faults import FaultError
from taskferry.sandbox.stand_in import StandIn

PREFIX = "/_sandbox/"


def admin_routes(stand_in: StandIn) -> list[Route]:
    """List the admin endpoints of a stand-in."""

    async def tasks(_: Request) -> Response:
        now = stand_in.settings.clock()
        return JSONResponse(
            {
                "tasks": [
                    {
                        "task_id": job.id,
                        "type": job.type,
                        "status": stand_in.status(job, now),
                        "prompt": job.prompt,
                        "created_at": job.created_at,
                        "finished_at": job.finished_at(now),
                    }
                    for job in stand_in.jobs
                ]
            }
        )

    async def requests(_: Request) -> Response:
        return JSONResponse({"requests": stand_in.requests.document()})

    async def faults(request: Request) -> Response:
        try:
            posted = _posted(await request.body())
            stand_in.faults.post(**posted)
        except FaultError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse(posted)

    async def webhooks(_: Request) -> Response:
        sent = [delivery.document() for delivery in stand_in.webhooks.deliveries]
        return JSONResponse({"secret": stand_in.webhook_secret, "webhooks": sent})

    async def register(request: Request) -> Response:
        try:
            stand_in.webhooks.registered = _posted_url(await request.body())
        except FaultError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse({"url": stand_in.webhooks.registered})

    async def reset(_: Request) -> Response:
        stand_in.reset()
        return JSONResponse({"reset": True})

    table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("GET", "tasks", tasks),
        ("GET", "requests", requests),
        ("POST", "faults", faults),
        ("POST", "reset", reset),
        ("GET", "webhooks", webhooks),
        ("POST", "webhooks", register),
    ]
    return [Route(PREFIX + path, handler, methods=[method]) for method, path, handler in table]


def _posted_url(content: bytes) -> str | None:
    body = _json(content)
    if not isinstance(body, dict) or not isinstance(body.get("url"), str | None):
        raise FaultError('post JSON such as {"url": "http://127.0.0.1:8000/hook"}, or {"url": null} to end it')
    url: str | None = body.get("url")
    return url


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _posted(content: bytes) -> dict[str, Any]:
    body = _json(content)
    if not isinstance(body, dict) or not isinstance(body.get("fault"), str):
        raise FaultError('post JSON such as {"fault": "http:502", "count": 2, "path": "^/tasks"}')
    count, path = body.get("count", 1), body.get("path")
    if isinstance(count, bool) or not isinstance(count, int | None) or (count is not None and count < 1):
        raise FaultError(f"the count {count!r} is not a whole number above 0, or null for every time")
    if not isinstance(path, str | None):
        raise FaultError(f"the path {path!r} is not a regular expression in a string")
    return {"fault": body["fault"], "count": count, "path": path}
