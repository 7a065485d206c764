"""A toolbox as a Pydantic AI toolset; a job may be a deferred tool call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from pydantic_ai import (
    AbstractToolset,
    CallDeferred,
    CustomEvent,
    DeferredToolRequests,
    DeferredToolResults,
    RunContext,
    ToolDefinition,
    ToolFailed,
    ToolsetTool,
)
from pydantic_core import SchemaValidator, core_schema

from taskferry import Snapshot
from taskferry.tools import Toolbox, ToolCall, ToolResult

_ANYTHING = SchemaValidator(core_schema.any_schema())
"""The toolbox checks arguments itself, and says what to change."""


@dataclass(kw_only=True)
class TaskProgressEvent(CustomEvent, name="taskferry.progress"):  # type: ignore[call-arg]  # only if it is missing
    """A change of a job that a tool call waits for, in the run's event stream."""

    task_id: str
    operation: str
    status: str
    progress: float | None = None
    queue_position: int | None = None


class TaskferryToolset(AbstractToolset[Any]):
    """The tools of a toolbox."""

    def __init__(self, toolbox: Toolbox, *, deferred: bool = False, id: str = "taskferry") -> None:  # noqa: A002 -- the framework's own word
        """Take a toolbox; with `deferred`, a call that comes back while its job is being made is a deferred tool call.

        The agent's output type has to have `DeferredToolRequests` then; `finish` makes the results, in any process.
        """
        self._toolbox = toolbox
        self._deferred = deferred
        self._id = id

    @property
    def id(self) -> str:
        """Give the toolset's name among those of an agent."""
        return self._id

    async def get_tools(self, ctx: RunContext[Any]) -> dict[str, ToolsetTool[Any]]:  # noqa: ARG002 -- the same for every run
        """Give every tool of the toolbox, its schema whole."""
        return {
            one.name: ToolsetTool(
                toolset=self,
                tool_def=ToolDefinition(
                    name=one.name,
                    description=one.description,
                    parameters_json_schema=dict(one.parameters),
                    strict=False,
                ),
                max_retries=0,
                args_validator=_ANYTHING,
            )
            for one in self._toolbox.definitions
        }

    async def call_tool(
        self,
        name: str,
        tool_args: dict[str, Any],
        ctx: RunContext[Any],
        tool: ToolsetTool[Any],  # noqa: ARG002 -- the name says which it is
    ) -> ToolResult:
        """Carry out one call; progress goes to the run's events."""
        definition = self._toolbox.definition(name)
        run_id = ctx.conversation_id or ctx.run_id
        call = ToolCall(run_id=run_id, call_id=ctx.tool_call_id) if run_id and ctx.tool_call_id else None
        async with asyncio.TaskGroup() as events:

            def tell(snapshot: Snapshot) -> None:
                events.create_task(ctx.emit(_event(snapshot)))

            result = await definition.call(tool_args, call=call, progress=tell)
        if self._deferred and result.get("timed_out"):
            job = {key: result[key] for key in ("token", "task_id", "status", "summary")}
            raise CallDeferred(metadata={"taskferry": job})
        return _answer(result)


async def finish(toolbox: Toolbox, requests: DeferredToolRequests) -> DeferredToolResults:
    """Wait for the jobs that a run was stopped for, and give what the next run needs to go on.

    Calls that other tools deferred are left for you to answer.
    """
    tokens = {key: found["taskferry"]["token"] for key, found in requests.metadata.items() if "taskferry" in found}
    results = await asyncio.gather(*(toolbox.finish(token) for token in tokens.values()))
    calls: dict[str, Any] = {}
    for key, result in zip(tokens, results, strict=True):
        try:
            calls[key] = _answer(result)
        except ToolFailed as failure:
            calls[key] = failure
    return requests.build_results(calls=calls)


def _answer(result: ToolResult) -> ToolResult:
    if result["status"] == "error":
        raise ToolFailed(f"{result['summary']} {result['next']}")
    return result


def _event(snapshot: Snapshot) -> TaskProgressEvent:
    return TaskProgressEvent(
        task_id=snapshot.id,
        operation=snapshot.operation,
        status=snapshot.status.value,
        progress=snapshot.progress,
        queue_position=snapshot.queue_position,
    )
