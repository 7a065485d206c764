"""taskferry's tools for smolagents."""

from __future__ import annotations

from taskferry.tools import require_version

require_version("smolagents", "1.26", "2")

from taskferry_smolagents.tools import (  # noqa: E402 -- a version that does not fit is named before it breaks
    TaskferryTool,
    interrupt_at_job,
    tokens,
    tools,
)

__all__ = ["TaskferryTool", "interrupt_at_job", "tokens", "tools"]
