"""The first page: a grid of tasks, newest first, a page at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from taskferry.ledger.listing import Filter
from taskferry.status import Status
from taskferry.task import Kind
from taskferry.web.state import state_of
from taskferry.web.views import task_view

PAGE = 48
SPANS: Mapping[str, str] = {
    "1h": "last hour",
    "24h": "last 24 hours",
    "7d": "last 7 days",
    "30d": "last 30 days",
}
_UNITS = {"h": 3600.0, "d": 86400.0}
_LONGEST_TEXT = 200


async def page(request: Request) -> Response:
    """Show the newest tasks, those that fit the filters, or those before a task."""
    state = state_of(request)
    wanted = _wanted(request, state.ferry.engine.clock.now())
    records = await state.ferry.recent(PAGE + 1, **wanted)
    shown, more = records[:PAGE], len(records) > PAGE
    given = [(name, value) for name, value in request.query_params.multi_items() if value and name != "before"]
    return state.renderer.page(
        request,
        "gallery.html",
        tasks=[task_view(record, state.kinds.of(record)) for record in shown],
        newest=shown[0].id if shown else "",
        first="before" not in wanted,
        filtered=bool(wanted.keys() - {"before"}),
        given=dict(given),
        older=f"/?{urlencode([*given, ('before', shown[-1].id)])}" if more else None,
        statuses=[status.value for status in Status],
        providers=list(state.ferry.registry.providers),
        kinds=[kind.value for kind in Kind],
        spans=SPANS,
    )


async def card(request: Request) -> Response:
    """Give one card, to be put into the grid."""
    state = state_of(request)
    record = await state.ferry.engine.call(state.ferry.ledger.get, request.path_params["id"])
    shown = state.renderer.macro("card.html", "card")(task_view(record, state.kinds.of(record)))
    return HTMLResponse(str(shown))


def _wanted(request: Request, now: float) -> Filter:
    """Read the filters; one that is none of ours is left out, as a form's empty field is."""
    query = request.query_params
    found: dict[str, Any] = {
        "statuses": {Status(word) for word in query.getlist("status") if word in set(Status)},
        "provider": query.get("provider"),
        "kind": query.get("kind") if query.get("kind") in set(Kind) else None,
        "text": (query.get("text") or "").strip()[:_LONGEST_TEXT],
        "since": _since(query.get("since", ""), now),
        "before": query.get("before"),
    }
    wanted: Filter = {name: value for name, value in found.items() if value}  # type: ignore[assignment] # names are checked above
    return wanted


def _since(text: str, now: float) -> float | None:
    match = re.fullmatch(r"([1-9][0-9]{0,4})([hd])", text)
    return now - int(match[1]) * _UNITS[match[2]] if match else None
