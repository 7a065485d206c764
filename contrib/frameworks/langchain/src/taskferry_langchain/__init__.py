"""taskferry's tools for LangChain and LangGraph agents."""

from __future__ import annotations

from taskferry.tools import require_version

require_version("langchain-core", "1.7", "2")
require_version("langgraph", "1.2", "2")

from taskferry_langchain.tools import tools  # noqa: E402 -- a version that does not fit is named before it breaks

__all__ = ["tools"]
