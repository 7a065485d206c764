"""taskferry's tools for the OpenAI Agents SDK."""

from __future__ import annotations

from taskferry.tools import require_version

require_version("openai-agents", "0.24", "0.25")

from taskferry_openai_agents.tools import finish, tools  # noqa: E402 -- a version that does not fit is named before it breaks

__all__ = ["finish", "tools"]
