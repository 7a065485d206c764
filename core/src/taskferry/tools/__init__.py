"""Tools for agent frameworks: a few definitions that every integration and the MCP server share."""

from __future__ import annotations

from taskferry.tools.definition import Effects, Progress, ToolCall, ToolDefinition, ToolResult
from taskferry.tools.jobs import OnCancel
from taskferry.tools.toolbox import Toolbox
from taskferry.tools.versions import require_version

__all__ = [
    "Effects",
    "OnCancel",
    "Progress",
    "ToolCall",
    "ToolDefinition",
    "ToolResult",
    "Toolbox",
    "require_version",
]
