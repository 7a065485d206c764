"""A toolbox as function tools of the OpenAI Agents SDK; waiting for a job may interrupt the run."""

from __future__ import annotations

import json
from typing import Any

from agents import FunctionTool, RunContextWrapper, RunState, custom_span, get_current_trace
from agents.tool_context import ToolContext

from taskferry import Snapshot
from taskferry.tools import Toolbox, ToolCall, ToolDefinition, ToolResult

_WAIT = "wait_task"
"""The one tool that may interrupt a run: it costs nothing, so no run is ever stopped in the middle of a payment."""


def tools(toolbox: Toolbox, *, interruptions: bool = False) -> list[FunctionTool]:
    """Give every tool of a toolbox, for an agent.

    With `interruptions`, `wait_task` interrupts the run while its job is still being made, as a tool does that needs
    approval: `finish` waits for the job and approves, in any process. A job belongs to the run's `group_id`, else
    to its trace. Progress goes to the trace, as spans named `taskferry.progress`.
    """
    return [_tool(one, interrupts=interruptions and one.name == _WAIT) for one in toolbox.definitions]


async def finish(toolbox: Toolbox, state: RunState[Any, Any]) -> None:
    """Wait for every job that a run was interrupted for, and approve that the run goes on."""
    for item in state.get_interruptions():
        if item.name == _WAIT:
            result = await toolbox.call(_WAIT, json.loads(item.arguments or "{}"))
            if "token" in result:
                await toolbox.finish(result["token"])
            state.approve(item)


def _tool(definition: ToolDefinition, *, interrupts: bool) -> FunctionTool:
    async def invoke(context: ToolContext[Any], text: str) -> str:
        try:
            arguments = json.loads(text or "{}")
        except ValueError as error:
            return json.dumps(_no_arguments(f"The arguments are no JSON: {error}."))
        if not isinstance(arguments, dict):
            return json.dumps(_no_arguments("The arguments are no JSON object."))
        result = await definition.call(arguments, call=_call(context), progress=_tell)
        return json.dumps(result, ensure_ascii=False)

    async def is_under_way(_context: RunContextWrapper[Any], arguments: dict[str, Any], _call_id: str) -> bool:
        return bool((await definition.call(arguments, progress=_tell)).get("timed_out"))

    return FunctionTool(
        name=definition.name,
        description=definition.description,
        params_json_schema=dict(definition.parameters),
        on_invoke_tool=invoke,
        strict_json_schema=False,  # strict mode has no optional parameters
        needs_approval=is_under_way if interrupts else False,
    )


def _call(context: ToolContext[Any]) -> ToolCall | None:
    """Name the call, so that asking for the same thing twice in a run is one job."""
    group = context.run_config.group_id if context.run_config else None
    trace = get_current_trace()
    run_id = group or (trace.trace_id if trace is not None and trace.trace_id != "no-op" else None)
    return ToolCall(run_id=run_id, call_id=context.tool_call_id) if run_id else None


def _tell(snapshot: Snapshot) -> None:
    if get_current_trace() is None:
        return
    data = {"task_id": snapshot.id, "status": snapshot.status.value, "progress": snapshot.progress}
    with custom_span("taskferry.progress", data | {"queue_position": snapshot.queue_position}):
        pass


def _no_arguments(summary: str) -> ToolResult:
    return {"status": "error", "summary": summary, "next": "Call again with a JSON object; nothing was done."}
