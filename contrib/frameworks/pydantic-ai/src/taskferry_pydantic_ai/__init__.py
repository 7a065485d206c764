"""taskferry's tools for Pydantic AI agents."""

from __future__ import annotations

from taskferry.tools import require_version

require_version("pydantic-ai-slim", "2.68", "3")

from taskferry_pydantic_ai.toolset import (  # noqa: E402 -- a version that does not fit is named before it breaks
    TaskferryToolset,
    TaskProgressEvent,
    finish,
)

__all__ = ["TaskProgressEvent", "TaskferryToolset", "finish"]
