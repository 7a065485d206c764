"""What the handler of one request is given, and how a stand-in names its endpoints."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from attrs import define, frozen
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from taskferry.sandbox.accounts import Account
from taskferry.sandbox.faults import FaultBook, Script
from taskferry.sandbox.limits import Window
from taskferry.sandbox.requests_log import Entry, Kind

_RETRY_AFTER = {429: "1", 503: "1"}
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class Problem(StrEnum):
    """What the toolkit turns down; the stand-in answers each in its provider's own shape."""

    UNAUTHORIZED = "unauthorized"
    """No key, or one that is not well formed."""
    NO_SUCH_PATH = "no_such_path"
    NO_SUCH_METHOD = "no_such_method"
    RATE = "rate"
    """Too many requests; details: `retry_after` (whole seconds), `limit`."""
    CONCURRENCY = "concurrency"
    """Too many jobs at once; details: `retry_after` (whole seconds), `limit`, `group`."""
    FUNDS = "funds"
    """The account cannot pay; details: `required`, `available` (Decimal)."""


class RespondWith(Exception):
    """End the handling of a request with this response."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


@define(kw_only=True)
class Context:
    """One request as its handler sees it."""

    request: Request
    entry: Entry
    """Its line in the request log."""
    faults: FaultBook
    now: float
    """Epoch seconds of its arrival."""
    holder: Account | None = None
    """Whose key came with it; None at an endpoint that needs none."""
    window: Window | None = None
    """The request rate it counted against."""
    script: Script
    """The faults of its prompt, once `begin` has read one."""

    @property
    def account(self) -> Account:
        """The account whose key came with it; only at endpoints that need a key."""
        if self.holder is None:
            raise LookupError(f"{self.entry.method} {self.entry.path} needs no key, so it has no account")
        return self.holder

    @property
    def base_url(self) -> str:
        """The origin that reaches this server, without a path; some clients leave the port out of their Host header."""
        url = self.request.url
        return f"{url.scheme}://{url.hostname}:{url.port or self.request.scope['server'][1]}"

    async def json(self) -> Any:
        """Read the body as JSON; raise ValueError for anything else."""
        return json.loads(await self.request.body())

    def begin(self, prompt: str) -> None:
        """Read the fault tokens of a create's prompt (or of any text that stands for one)."""
        self.script = self.faults.script(self.account.id, prompt)

    def fault(self, name: str) -> str | None:
        """Let a fault of the prompt, or a posted one, strike; give its argument, empty where it has none, or None."""
        fault = self.script.take(name) or self.faults.take(name, self.entry.path, kind=self.entry.kind)
        return None if fault is None else fault.argument or ""


@frozen(kw_only=True)
class Endpoint:
    """One method and path of a provider."""

    method: str
    path: str
    """As Starlette writes it: `/v3/tasks/{task_id}`."""
    handler: Callable[[Context], Awaitable[Response]]
    kind: Kind = "other"
    key: bool = True
    """Whether it needs a key."""
    bucket: str | None = "requests"
    """The request rate it counts against; None for none."""


def gateway_page(status: int) -> Response:
    """Answer as a proxy in front of the service does: a page, not JSON."""
    title = f"{status} {_PHRASES.get(status, 'Error')}"
    page = f"<html>\n<head><title>{title}</title></head>\n<body>\n<center><h1>{title}</h1></center>\n</body>\n</html>\n"
    headers = {"Retry-After": _RETRY_AFTER[status]} if status in _RETRY_AFTER else None
    return HTMLResponse(page, status_code=status, headers=headers)
