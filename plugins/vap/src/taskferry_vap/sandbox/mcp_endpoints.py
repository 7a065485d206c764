"""The sub-paths of the remote MCP server, plain JSON as the vendor's own clients post it.

What the real one says in a tool's text is not documented; here it is the document of the REST endpoint.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from taskferry.sandbox import Context, Endpoint, RespondWith
from taskferry_vap.sandbox.mcp_tools import TOOLS
from taskferry_vap.sandbox.orders import body_of, object_in

if TYPE_CHECKING:
    from taskferry_vap.sandbox.service import VapStandIn

_PROTOCOL = "2025-06-18"


def endpoints(stand_in: VapStandIn) -> Sequence[Endpoint]:
    """List the sub-paths."""

    async def call(context: Context) -> Response:
        body = await body_of(context)
        name = body.get("name")
        tool = TOOLS.get(name) if isinstance(name, str) else None
        if tool is None:
            return _result(f"Unknown tool: {name}", wrong=True)
        context.entry.kind = tool.kind
        try:
            document = await tool.call(stand_in, context, object_in(context, body, "arguments", {}))
        except RespondWith as answer:
            if not isinstance(answer.response, JSONResponse):  # a lost reply or a gateway's page is no tool's result
                raise
            return _result(bytes(answer.response.body).decode(), wrong=True)
        return _result(json.dumps(document, ensure_ascii=False), wrong=False)

    return [
        Endpoint(method="POST", path="/mcp/initialize", handler=_initialize),
        Endpoint(method="POST", path="/mcp/tools/list", handler=_list),
        Endpoint(method="POST", path="/mcp/tools/call", handler=call),
    ]


async def _initialize(context: Context) -> Response:
    asked = (await body_of(context)).get("protocolVersion")
    return JSONResponse(
        {
            "protocolVersion": asked if isinstance(asked, str) else _PROTOCOL,
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "vap", "version": "1.12.4"},
        }
    )


async def _list(_: Context) -> Response:
    return JSONResponse({"tools": [tool.document(name) for name, tool in TOOLS.items()]})


def _result(text: str, *, wrong: bool) -> Response:
    result: dict[str, Any] = {"content": [{"type": "text", "text": text}]}
    return JSONResponse({**result, "isError": True} if wrong else result)
