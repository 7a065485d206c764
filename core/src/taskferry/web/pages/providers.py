"""Who makes what, and whether it can be asked."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from taskferry.errors import PluginError, TaskferryError
from taskferry.operation import Operation
from taskferry.web.state import State, state_of


@frozen(kw_only=True)
class ProviderView:
    """One provider."""

    name: str
    title: str
    operations: Sequence[Operation] = ()
    problem: str = ""
    """Why it cannot be asked now; empty where nothing is in the way."""
    key_from: str = ""
    """Where its key was found; never the key."""


async def page(request: Request) -> Response:
    """Show every provider with its operations."""
    state = state_of(request)
    shown = [_view(state, name, provider.title) for name, provider in state.ferry.registry.providers.items()]
    rows = [row for row in state.ferry.registry.rows if row.problem]
    return state.renderer.page(request, "providers.html", providers=shown, rows=rows)


def _view(state: State, name: str, title: str) -> ProviderView:
    try:
        operations = state.ferry.operations(name)
    except PluginError as error:
        return ProviderView(name=name, title=title, problem=str(error))
    try:
        key = state.ferry.engine.accounts.account(name).key
    except TaskferryError as error:
        return ProviderView(name=name, title=title, operations=operations, problem=str(error))
    return ProviderView(name=name, title=title, operations=operations, key_from=key.source if key else "none is needed")
