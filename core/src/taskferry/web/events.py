"""Server-sent events of what changes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from taskferry.web.live import Live
from taskferry.web.state import state_of

_BACK_AFTER = 2000
"""Milliseconds after which a browser whose line broke comes again."""


async def events(request: Request) -> Response:
    """Give changes as they come: of every task, or of the one that `task` names."""
    live = state_of(request).live
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    lines = _lines(live, request.query_params.get("task"))
    return StreamingResponse(lines, media_type="text/event-stream", headers=headers)


async def _lines(live: Live, task_id: str | None) -> AsyncIterator[str]:
    yield f"retry: {_BACK_AFTER}\n\n"
    async for event in live.listen(task_id):
        if event is None:
            yield ": still here\n\n"
        else:
            name, data = event
            yield f"event: {name}\ndata: {json.dumps(data)}\n\n"
