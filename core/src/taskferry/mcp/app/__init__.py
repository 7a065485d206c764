"""The viewer: one page, inlined whole, that hosts of MCP Apps show beside a task's tool."""

from __future__ import annotations

from taskferry.mcp.app.app import VIEWER_META, VIEWER_URI, extension

__all__ = ["VIEWER_META", "VIEWER_URI", "extension"]
