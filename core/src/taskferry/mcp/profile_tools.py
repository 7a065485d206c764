"""Makes tools of the server from those of a profile."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from attrs import frozen
from mcp.server.mcpserver.context import Context
from mcp_types import CallToolResult, ContentBlock, TextContent, ToolAnnotations

from taskferry.errors import InvalidParameters, PluginError
from taskferry.handle import FerryTask
from taskferry.mcp.paying import Payer, planned, submit
from taskferry.mcp.profile import Answer, Profile, ProfileAnswer, ProfileTool, Show, Submission
from taskferry.mcp.results import file_link
from taskferry.mcp.session import Session, session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import CarefulTool, tool
from taskferry.mcp.tools.generate import LONGEST_CALL
from taskferry.mcp.waiting import went_wrong
from taskferry.operation import Operation, Typical
from taskferry.parameters import validate
from taskferry.task import Kind


@frozen(kw_only=True)
class Made:
    """A profile's tools as the server offers them."""

    tools: Sequence[CarefulTool]
    payers: Sequence[Payer]


def made(profile: Profile) -> Made:
    """Make a profile's tools."""
    tools = [_made(offered, profile) for offered in profile.tools]
    payers = [
        Payer(tool=one, plan=_plan(offered), show=_shown(profile.show))
        for offered, one in zip(profile.tools, tools, strict=True)
        if offered.creates
    ]
    return Made(tools=tools, payers=payers)


class SchemaTool(CarefulTool):
    """A tool whose parameters are given as JSON Schema; its function takes them as one mapping."""

    def checked(self, arguments: Mapping[str, Any]) -> dict[str, Any] | CallToolResult:
        """Hold the arguments against the schema, and fill in its defaults."""
        defaults = {
            name: schema["default"]
            for name, schema in self.parameters.get("properties", {}).items()
            if "default" in schema
        }
        try:
            return {"arguments": {**defaults, **validate(_operation(self), arguments)}}
        except InvalidParameters as error:
            return self.failed(error)

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        """Check the arguments and run the tool; give an error result for anything that goes wrong."""
        checked = self.checked(arguments)
        if isinstance(checked, CallToolResult):
            return checked
        return await super().run(checked, context, convert_result)


def _operation(tool: CarefulTool) -> Operation:
    """Give a tool the shape of an operation, which the check of parameters knows."""
    return Operation(
        name=tool.name,
        title=tool.name,
        description=tool.description,
        kind=Kind.OTHER,
        parameters=tool.parameters,
        typical=Typical(median=0.0, slow=0.0),
    )


def _made(offered: ProfileTool, profile: Profile) -> CarefulTool:
    one = tool(
        offered.handler,
        name=offered.name,
        title=offered.title or offered.name.replace("_", " ").capitalize(),
        description=offered.description or inspect.getdoc(offered.handler) or "",
        annotations=ToolAnnotations(
            read_only_hint=offered.read_only,
            destructive_hint=offered.destructive,
            idempotent_hint=offered.idempotent,
            open_world_hint=offered.open_world,
        ),
        pays=offered.creates,
        context_name="context",
        structured=False,
    )
    if offered.parameters is not None:
        one = SchemaTool(**{name: getattr(one, name) for name in CarefulTool.model_fields})
        one.parameters = {**offered.parameters, "additionalProperties": False}
    one.fn = _create(offered, profile.show) if offered.creates else _ask(offered)
    one.is_async = True
    one.native = False
    return one


def _ask(offered: ProfileTool) -> Callable[..., Awaitable[CallToolResult]]:
    async def run(context: ToolContext, **arguments: Any) -> CallToolResult:
        return _result(await offered.handler(context=session_of(context), **arguments))

    return run


def _create(offered: ProfileTool, show: Show) -> Callable[..., Awaitable[CallToolResult]]:
    async def run(context: ToolContext, **arguments: Any) -> CallToolResult:
        session = session_of(context)
        loop = asyncio.get_running_loop()
        end = loop.time() + min(offered.wait, LONGEST_CALL)
        task = await submit(session, planned() or await _submission(offered, session, arguments))
        if offered.wait:
            await session.wait(task, max(end - loop.time(), 0.0))
        return await _shown(offered.show or show)(session, task)

    return run


def _plan(offered: ProfileTool) -> Callable[[Session, Mapping[str, Any]], Awaitable[Submission]]:
    async def plan(session: Session, arguments: Mapping[str, Any]) -> Submission:
        return await _submission(offered, session, arguments)

    return plan


async def _submission(offered: ProfileTool, session: Session, arguments: Mapping[str, Any]) -> Submission:
    planned = await offered.handler(context=session, **arguments)
    if not isinstance(planned, Submission):
        raise PluginError(f"The tool {offered.name} creates jobs but gave {type(planned).__name__}, not a Submission.")
    return planned


def _shown(show: Show) -> Callable[[Session, FerryTask], Awaitable[CallToolResult]]:
    async def shown(session: Session, task: FerryTask) -> CallToolResult:
        answer = await show(session, task)
        result = _result(answer)
        if not isinstance(answer, ProfileAnswer):
            result.is_error = went_wrong(task)
        return result

    return shown


def _result(answer: Answer) -> CallToolResult:
    if isinstance(answer, str):
        return CallToolResult(content=[TextContent(type="text", text=answer)])
    if isinstance(answer, ProfileAnswer):
        content: list[ContentBlock] = [TextContent(type="text", text=answer.text)]
        content += [file_link(artifact) for artifact in answer.artifacts if artifact.path is not None]
        structured = None if answer.structured is None else dict(answer.structured)
        return CallToolResult(content=content, structured_content=structured, is_error=answer.is_error)
    text = json.dumps(dict(answer), indent=2, ensure_ascii=False)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=dict(answer))
