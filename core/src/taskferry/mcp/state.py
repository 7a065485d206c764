"""What every tool call of one server shares."""

from __future__ import annotations

from typing import Any, TypeAlias

from attrs import frozen
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context

from taskferry.ferry import Ferry
from taskferry.tools.roots import Roots


@frozen(kw_only=True)
class State:
    """One ferry for the process, and the folders that its tools may touch."""

    ferry: Ferry
    roots: Roots


ToolContext: TypeAlias = Context[State, Any]
RequestContext: TypeAlias = ServerRequestContext[State, Any]
