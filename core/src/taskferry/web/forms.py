"""Forms that a browser sends: read within limits, and only if a page of ours made them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from taskferry.web.state import state_of

_MOST_FILES = 50
_MOST_FIELDS = 1000
_LARGEST_FIELD = 2 * 1024 * 1024


@asynccontextmanager
async def sent_form(request: Request) -> AsyncIterator[FormData]:
    """Read a form, whose files are open within the block; raise HTTPException for one that is not from here."""
    async with request.form(max_files=_MOST_FILES, max_fields=_MOST_FIELDS, max_part_size=_LARGEST_FIELD) as form:
        given = request.headers.get("x-csrf-token") or form.get("csrf")
        if not isinstance(given, str) or not state_of(request).session.made(given):
            text = "The page that sent this is older than the gallery, which was started anew: load it again."
            raise HTTPException(status_code=403, detail=text)
        yield form
