"""The tools that show tasks and the account; free, and they change nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskferry import ProfileAnswer, ProfileContext, ProfileTool, UsageError
from taskferry_vap.mcp import inputs
from taskferry_vap.mcp.documents import FILTERS, money, task_document
from taskferry_vap.mcp.showing import OPERATION, TASK, answer

WAIT = 25.0
"""Seconds that a call waits for the end, so that an agent does not have to ask every few; clients give up after 60."""


async def _waited(context: ProfileContext, task_id: str, label: str) -> ProfileAnswer:
    task = await context.task(task_id)
    if task.snapshot.provider != "vap":
        raise UsageError(f"Task {task_id} is a job of {task.snapshot.provider}'s: this server shows VAP's alone.")
    was_done = task.snapshot.status.ok
    await context.wait(task, WAIT)
    return await answer(context, task, label, relink=was_done)


async def get_task(context: ProfileContext, arguments: Mapping[str, Any]) -> ProfileAnswer:
    """Show how a task stands, with its links and kept files once it is complete.

    Free. Waits up to 25 s for the end, so call it again at once while the status is pending, queued or executing; when
    the call ends the job goes on. For edits call get_operation, for all tasks list_tasks.
    """
    return await _waited(context, arguments["task_id"], TASK)


async def get_operation(context: ProfileContext, arguments: Mapping[str, Any]) -> ProfileAnswer:
    """Show how an edit of a picture or video stands, with its link and kept file once it is complete.

    Free. Waits up to 25 s for the end, so call it again at once while it is not complete; when the call ends the job
    goes on. For what the generate tools made call get_task.
    """
    return await _waited(context, arguments["operation_id"], OPERATION)


async def list_tasks(context: ProfileContext, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """List VAP's tasks from the ledger, newest first, those of earlier conversations too.

    Free; asks VAP nothing, so a task shows the state of its last look. Use it to find a task again, and before starting
    anything a second time. For the present state of one task call get_task.
    """
    limit, status = arguments.get("limit", 10), arguments.get("status")
    records = await context.recent(limit, statuses=FILTERS[status] if status else None, provider="vap")
    tasks = [task_document(record.snapshot) for record in records]
    return {"tasks": tasks, "total": len(tasks), "limit": limit, "offset": 0}


async def check_balance(context: ProfileContext, arguments: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG001 -- its place in a handler
    """Ask VAP what the account has: usable, reserved for tasks under way, and both together.

    Free; changes nothing. Call it before expensive jobs, or when one was refused for want of funds. What jobs cost is
    told by the estimate tools.
    """
    balance = await context.ferry.balance("vap")
    whole = balance.available + (balance.reserved or 0)
    amounts = {"balance": money(whole), "reserved": money(balance.reserved), "usable": money(balance.available)}
    return {**amounts, "currency": balance.unit}


def _tool(handler: Any, title: str, schema: Mapping[str, Any], *, asks: bool = True) -> ProfileTool:
    return ProfileTool(
        name=handler.__name__,
        title=title,
        handler=handler,
        parameters=schema,
        read_only=True,
        idempotent=True,
        open_world=asks,
    )


READING: Sequence[ProfileTool] = (
    _tool(get_task, "Get task", inputs.TASK_ID),
    _tool(list_tasks, "List tasks", inputs.LISTED, asks=False),
    _tool(check_balance, "Check balance", inputs.arguments()),
    _tool(get_operation, "Get operation", inputs.OPERATION_ID),
)
