"""A client of the tasks extension, as the protocol describes one, on top of the SDK's own client."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Literal

from mcp import Client
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim
from mcp.client.session import ClientSession
from mcp_types import CallToolResult, Request, RequestParams, Result
from pydantic import Field

TASKS = "io.modelcontextprotocol/tasks"


class Begun(Result):
    """What answers a call that became a task."""

    result_type: Literal["task"] = "task"
    task_id: str = Field(alias="taskId")
    status: str
    created_at: str = Field(alias="createdAt")
    last_updated_at: str = Field(alias="lastUpdatedAt")
    ttl_ms: int | None = Field(alias="ttlMs")
    poll_interval_ms: int | None = Field(default=None, alias="pollIntervalMs")
    status_message: str | None = Field(default=None, alias="statusMessage")


class Detailed(Result):
    """What `tasks/get` answers."""

    task_id: str = Field(alias="taskId")
    status: str
    poll_interval_ms: int | None = Field(default=None, alias="pollIntervalMs")
    status_message: str | None = Field(default=None, alias="statusMessage")
    result: CallToolResult | None = None
    error: dict[str, Any] | None = None


class Id(RequestParams):
    """The parameters of the tasks methods."""

    task_id: str = Field(alias="taskId")
    input_responses: dict[str, Any] | None = Field(default=None, alias="inputResponses")


class Get(Request[Id, Literal["tasks/get"]]):
    """Ask how a task stands."""

    method: Literal["tasks/get"] = "tasks/get"
    name_param = "taskId"
    params: Id


class Cancel(Request[Id, Literal["tasks/cancel"]]):
    """Wish for a task's end."""

    method: Literal["tasks/cancel"] = "tasks/cancel"
    name_param = "taskId"
    params: Id


class Update(Request[Id, Literal["tasks/update"]]):
    """Answer what a task asked."""

    method: Literal["tasks/update"] = "tasks/update"
    name_param = "taskId"
    params: Id


class Tasks(ClientExtension):
    """Declares the extension, and drives a task to its end where a plain result is wanted."""

    identifier = TASKS

    def claims(self) -> Sequence[ResultClaim[Any]]:
        """Take results that are tasks."""
        return [ResultClaim(result_type="task", model=Begun, resolve=self._drive)]

    async def _drive(self, begun: Begun, context: ClaimContext) -> CallToolResult:
        while True:
            detailed = await look(context.session, begun.task_id)
            if detailed.result is not None:
                return detailed.result
            await asyncio.sleep((detailed.poll_interval_ms or 100) / 1000)


async def look(session: ClientSession, task_id: str) -> Detailed:
    """Ask how a task stands."""
    return await session.send_request(Get(params=Id(task_id=task_id)), Detailed)


async def begin(client: Client, prompt: str, **more: Any) -> Begun:
    """Call `generate` for a picture, and take the task that it becomes."""
    arguments = {"operation": "vap/image", "parameters": {"prompt": prompt}, **more}
    begun = await client.session.call_tool("generate", arguments, allow_claimed=True)
    assert isinstance(begun, Begun), begun
    return begun
