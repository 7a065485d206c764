"""Where a request came to and by what id it can be traced."""

from __future__ import annotations

import re
import uuid

from taskferry.sandbox import Context

_UUID = re.compile(r"[0-9a-fA-F-]{36}")


def origin(context: Context) -> str:
    """Give the origin that reaches this server, also where the Host header lacks the port."""
    url = context.request.url
    port = url.port or context.request.scope["server"][1]
    return f"{url.scheme}://{url.hostname}:{port}"


def trace_id(context: Context) -> str:
    """Give the trace id: the one that the client sent, or one made up."""
    given = context.request.headers.get("x-tripo-trace-id", "")
    return given if _UUID.fullmatch(given) else str(uuid.uuid4())
