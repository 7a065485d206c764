"""taskferry's tools for agents of Google's Agent Development Kit."""

from __future__ import annotations

from taskferry.tools import require_version

require_version("google-adk", "2.13", "3")

from taskferry_google_adk.tools import TaskferryTool, finish, tools  # noqa: E402 -- a version that does not fit is named before it breaks

__all__ = ["TaskferryTool", "finish", "tools"]
