"""The extension `io.modelcontextprotocol/tasks` of 2026-07-28 (SEP-2663): its methods, gates and envelopes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mcp.server.context import CallNext, HandlerResult
from mcp.server.extension import Extension, MethodBinding
from mcp.server.mcpserver import require_client_extension
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import MCP_NAME_HEADER, decode_header_value
from mcp_types import INVALID_PARAMS, CallToolRequestParams, RequestParams
from mcp_types.jsonrpc import HEADER_MISMATCH
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import BaseModel, Field

from taskferry.mcp.state import RequestContext
from taskferry.mcp.tasks.work import Source, Work

TASKS = "io.modelcontextprotocol/tasks"
_MODERN = frozenset(MODERN_PROTOCOL_VERSIONS)
_DONE = {"resultType": "complete"}


class TaskParams(RequestParams):
    """The parameters of `tasks/get` and `tasks/cancel`."""

    task_id: str = Field(alias="taskId")


class UpdateParams(TaskParams):
    """The parameters of `tasks/update`."""

    input_responses: dict[str, Any] = Field(alias="inputResponses")
    """As they came: answers that nobody asked for may be of any shape, and are passed over."""


class TasksExtension(Extension):
    """Hands out tasks for the calls that its source takes, to clients that declare the extension on that request."""

    identifier = TASKS

    def __init__(self, source: Source) -> None:
        self._source = source

    def methods(self) -> Sequence[MethodBinding]:
        """Bind the three methods, for the protocol versions that know them."""
        return [
            MethodBinding("tasks/get", TaskParams, self._get, _MODERN),
            MethodBinding("tasks/update", UpdateParams, self._update, _MODERN),
            MethodBinding("tasks/cancel", TaskParams, self._cancel, _MODERN),
        ]

    async def intercept_tool_call(
        self, params: CallToolRequestParams, ctx: RequestContext, call_next: CallNext
    ) -> HandlerResult:
        """Begin the work of a tool that makes tasks; every other call goes on as it is."""
        if not self._source.takes(params.name):
            return await call_next(ctx)
        declared = takes_tasks(ctx)
        if not declared and params.name in self._source.required:
            require_client_extension(ctx, TASKS)
        begun = await self._source.begin(params, ctx, call_next, as_task=declared)
        if begun is None or isinstance(begun, BaseModel | dict):
            return begun
        return {"resultType": "task", **(await begun.state()).begun()}

    async def _get(self, ctx: RequestContext, params: TaskParams) -> HandlerResult:
        work = await self._found(ctx, params)
        return {**_DONE, **(await work.state()).detailed()}

    async def _update(self, ctx: RequestContext, params: UpdateParams) -> HandlerResult:
        work = await self._found(ctx, params)
        await work.answer(params.input_responses)
        return dict(_DONE)

    async def _cancel(self, ctx: RequestContext, params: TaskParams) -> HandlerResult:
        work = await self._found(ctx, params)
        await work.cancel()
        return dict(_DONE)

    async def _found(self, ctx: RequestContext, params: TaskParams) -> Work:
        """Give the caller's work; raise the protocol's errors, the same for unknown ids and those of others."""
        if not takes_tasks(ctx):
            require_client_extension(ctx, TASKS)
        headers: Mapping[str, Any] = getattr(ctx.request, "headers", {})
        named = headers.get(MCP_NAME_HEADER)
        if named is not None and decode_header_value(named) != params.task_id:
            raise MCPError(code=HEADER_MISMATCH, message="The header Mcp-Name is not the request's taskId.")
        work = await self._source.find(params.task_id, ctx)
        if work is None:
            raise MCPError(code=INVALID_PARAMS, message="There is no such task.")
        return work


def takes_tasks(ctx: RequestContext) -> bool:
    """Tell whether the client declared the extension on this request."""
    capabilities = ctx.session.client_capabilities
    declared = capabilities.extensions if capabilities is not None else None
    return ctx.protocol_version in _MODERN and declared is not None and TASKS in declared
