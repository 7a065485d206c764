"""The tools, one a file; a tool's docstring is what agents read about it."""

from __future__ import annotations

from taskferry.mcp.tools import (
    cancel_task,
    download_task,
    get_task,
    list_operations,
    list_tasks,
    submit_task,
    wait_task,
)

TOOLS = (
    list_operations.TOOL,
    submit_task.TOOL,
    wait_task.TOOL,
    get_task.TOOL,
    list_tasks.TOOL,
    download_task.TOOL,
    cancel_task.TOOL,
)
"""Every tool, in the order in which a job needs them."""
