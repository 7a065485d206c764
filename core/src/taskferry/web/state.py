"""What every page works with while the server runs."""

from __future__ import annotations

from attrs import frozen
from starlette.requests import Request

from taskferry.ferry import Ferry
from taskferry.web.kinds import Kinds
from taskferry.web.live import Live
from taskferry.web.options import WebOptions
from taskferry.web.rendering import Renderer
from taskferry.web.session import Session
from taskferry.web.uploads import Uploads


@frozen(kw_only=True)
class State:
    """The open ferry and all that pages need beside it."""

    ferry: Ferry
    options: WebOptions
    session: Session
    renderer: Renderer
    kinds: Kinds
    live: Live
    uploads: Uploads


def state_of(request: Request) -> State:
    """Give what a request's server works with."""
    found: State = request.app.state.web
    return found
