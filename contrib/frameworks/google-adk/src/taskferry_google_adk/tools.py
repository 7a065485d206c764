"""A toolbox as ADK tools; a job may be a long-running call."""

from __future__ import annotations

import asyncio
from typing import Any

from google.adk.sessions import Session
from google.adk.tools.base_tool import BaseTool
from google.adk.tools.tool_context import ToolContext
from google.genai import types

from taskferry.tools import Progress, Toolbox, ToolCall, ToolDefinition, ToolResult

_LATER = "Do not call again: the result comes by itself, in a later message. Say that it is being made."


class TaskferryTool(BaseTool):
    """One tool of a toolbox."""

    def __init__(self, definition: ToolDefinition, *, long_running: bool, progress: Progress | None) -> None:
        """Take a definition; with `long_running`, a call may end before its job does."""
        super().__init__(name=definition.name, description=definition.description, is_long_running=long_running)
        self._definition, self._progress = definition, progress

    def _get_declaration(self) -> types.FunctionDeclaration:
        return types.FunctionDeclaration(
            name=self.name, description=self.description, parameters_json_schema=dict(self._definition.parameters)
        )

    async def run_async(self, *, args: dict[str, Any], tool_context: ToolContext) -> ToolResult:
        """Carry out one call; a job belongs to the session."""
        call_id = tool_context.function_call_id
        call = ToolCall(run_id=tool_context.session.id, call_id=call_id) if call_id else None
        result = await self._definition.call(args, call=call, progress=self._progress)
        return {**result, "next": _LATER} if self.is_long_running and result.get("timed_out") else result


def tools(toolbox: Toolbox, *, long_running: bool = False, progress: Progress | None = None) -> list[BaseTool]:
    """Give every tool of a toolbox, for an agent.

    With `long_running`, a call that comes back while its job is still being made is a pending one, as ADK's own
    long-running tools have it: the model is told so, and `finish` makes the message with which any process goes on.
    """
    return [
        TaskferryTool(one, long_running=long_running and _waits(one), progress=progress) for one in toolbox.definitions
    ]


def _waits(definition: ToolDefinition) -> bool:
    return definition.name in ("generate", "wait_task") or definition.operation is not None


async def finish(toolbox: Toolbox, session: Session) -> types.Content | None:
    """Wait for the jobs that calls of a session left pending; give the message with their results, or None."""
    last: dict[str, types.FunctionResponse] = {}
    for event in session.events:
        last.update({found.id: found for found in event.get_function_responses() if found.id})
    pending = [found for found in last.values() if (found.response or {}).get("next") == _LATER]
    results = await asyncio.gather(*(toolbox.finish((found.response or {})["token"]) for found in pending))
    parts = [
        types.Part(function_response=types.FunctionResponse(id=found.id, name=found.name, response=result))
        for found, result in zip(pending, results, strict=True)
    ]
    return types.Content(role="user", parts=parts) if parts else None
