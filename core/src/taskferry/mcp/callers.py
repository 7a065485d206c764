"""Who calls: the principal of a token, or whoever holds the other end of stdin."""

from __future__ import annotations

import json

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import principal_components

UNNAMED = "mcp"
"""The caller where nobody has to show a token: the user of this machine, who sees every task."""


def principal() -> str | None:
    """Name the principal of the present request as its rows do; None where no token is asked for.

    The parts are written as JSON, so that no client id can be made to read as another principal.
    """
    token = get_access_token()
    if token is None:
        return None
    return f"{UNNAMED}:{json.dumps(principal_components(token), separators=(',', ':'))}"
