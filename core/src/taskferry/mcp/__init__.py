"""The MCP server: taskferry's operations and tasks as tools for agents; needs the extra `mcp`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taskferry.mcp.server import build_server

__all__ = ["build_server"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'taskferry.mcp' has no attribute {name!r}")
    from taskferry.mcp import server

    return getattr(server, name)
