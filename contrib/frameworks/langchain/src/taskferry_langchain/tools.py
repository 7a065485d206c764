"""A toolbox as LangChain tools; in a graph with a checkpointer a job may interrupt it."""

from __future__ import annotations

import json
from typing import Any

from langchain_core.tools import BaseTool, StructuredTool, ToolException
from langgraph.prebuilt import ToolRuntime
from langgraph.types import interrupt

from taskferry import Snapshot
from taskferry.tools import Progress, Toolbox, ToolCall, ToolDefinition, ToolResult


def tools(toolbox: Toolbox, *, interrupts: bool = False) -> list[BaseTool]:
    """Give every tool of a toolbox, for an agent or a tool node.

    With `interrupts`, which needs a checkpointer, a call that comes back while its job is still being made interrupts
    the graph: the interrupt's value has the job's `task_id`, `token`, `status` and `summary`. Who resumes the graph, in
    any process and with any value, gets the job's end. Progress goes to the graph's stream mode `custom`.
    """
    return [_tool(toolbox, one, interrupts=interrupts) for one in toolbox.definitions]


def _tool(toolbox: Toolbox, definition: ToolDefinition, *, interrupts: bool) -> BaseTool:
    def run(runtime: ToolRuntime = None, **arguments: Any) -> tuple[str, ToolResult]:  # type: ignore[assignment]  # absent outside of a graph
        progress = _progress(runtime)
        result = definition.call_sync(arguments, call=_call(runtime), progress=progress)
        while interrupts and result.get("timed_out"):
            interrupt(_waiting(result))
            result = toolbox.finish_sync(result["token"], progress=progress)
        return _answer(result)

    async def run_async(runtime: ToolRuntime = None, **arguments: Any) -> tuple[str, ToolResult]:  # type: ignore[assignment]  # absent outside of a graph
        progress = _progress(runtime)
        result = await definition.call(arguments, call=_call(runtime), progress=progress)
        while interrupts and result.get("timed_out"):
            interrupt(_waiting(result))
            result = await toolbox.finish(result["token"], progress=progress)
        return _answer(result)

    return StructuredTool(
        name=definition.name,
        description=definition.description,
        args_schema=dict(definition.parameters),
        func=run,
        coroutine=run_async,
        response_format="content_and_artifact",
        handle_tool_error=True,
    )


def _call(runtime: ToolRuntime | None) -> ToolCall | None:
    """Name the call, so that a node that is run again after an interrupt asks for the job that exists."""
    if runtime is None or not runtime.tool_call_id:
        return None
    thread = runtime.config.get("configurable", {}).get("thread_id")
    return ToolCall(run_id=str(thread), call_id=runtime.tool_call_id) if thread else None


def _progress(runtime: ToolRuntime | None) -> Progress | None:
    if runtime is None:
        return None

    def tell(snapshot: Snapshot) -> None:
        runtime.stream_writer(
            {
                "type": "taskferry.progress",
                "task_id": snapshot.id,
                "status": snapshot.status.value,
                "progress": snapshot.progress,
                "queue_position": snapshot.queue_position,
            }
        )

    return tell


def _waiting(result: ToolResult) -> dict[str, Any]:
    return {"type": "taskferry.job", **{name: result.get(name) for name in ("task_id", "token", "status", "summary")}}


def _answer(result: ToolResult) -> tuple[str, ToolResult]:
    """Give what the model reads and, as the message's artifact, the same for programs."""
    text = json.dumps(result, ensure_ascii=False)
    if result["status"] == "error":
        raise ToolException(text)
    return text, result
