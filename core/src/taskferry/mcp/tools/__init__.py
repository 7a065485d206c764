"""The tools, one a file; what agents read about those that frameworks have, too, is in `taskferry.tools.texts`."""

from __future__ import annotations

from taskferry.mcp.tools import (
    cancel_task,
    describe_operation,
    download_task,
    generate,
    get_balance,
    get_spend,
    get_task,
    list_operations,
    list_tasks,
    quote,
    refresh_urls,
    submit_task,
    wait_task,
)

TOOLS = (
    list_operations.TOOL,
    describe_operation.TOOL,
    quote.TOOL,
    generate.TOOL,
    submit_task.TOOL,
    wait_task.TOOL,
    get_task.TOOL,
    list_tasks.TOOL,
    download_task.TOOL,
    refresh_urls.TOOL,
    cancel_task.TOOL,
    get_balance.TOOL,
    get_spend.TOOL,
)
"""Every tool, in the order in which a job needs them."""

PAYERS = (generate.PAYER, submit_task.PAYER)
"""Those that start paid jobs."""
