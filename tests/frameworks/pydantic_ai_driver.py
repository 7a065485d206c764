"""A Pydantic AI agent whose model reads a script."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic_ai import Agent, DeferredToolRequests, ModelMessagesTypeAdapter, RunContext
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from pydantic_ai.models.test import TestModel

from frameworks.plays import Move, Play
from taskferry.tools import Toolbox
from taskferry_pydantic_ai import TaskferryToolset, TaskProgressEvent, finish

REQUESTS = TypeAdapter(DeferredToolRequests)


def results_of(messages: list[ModelMessage]) -> list[dict[str, Any]]:
    """List what the tools have answered."""
    parts = [part for message in messages if isinstance(message, ModelRequest) for part in message.parts]
    return [
        part.content if isinstance(part.content, dict) else {"status": "error", "summary": part.content}
        for part in parts
        if isinstance(part, ToolReturnPart)
    ]


def scripted(play: Play) -> FunctionModel:
    """Give a model that says what the play says."""

    def answer(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        results = results_of(messages)
        move = play(results)
        if isinstance(move, Move):
            return ModelResponse(parts=[ToolCallPart(move.tool, move.arguments, tool_call_id=f"call-{len(results)}")])
        return ModelResponse(parts=[TextPart(move)])

    async def stream(messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        results = results_of(messages)
        move = play(results)
        if isinstance(move, Move):
            yield {0: DeltaToolCall(move.tool, json.dumps(move.arguments), tool_call_id=f"call-{len(results)}")}
        else:
            yield move

    return FunctionModel(answer, stream_function=stream)


class PydanticDriver:
    """Runs it; its state is its messages and the deferred requests."""

    async def run(self, toolbox: Toolbox, play: Play, events: list[Any]) -> str:
        """Run to the end, with an event handler."""

        async def hear(_context: RunContext[Any], stream: AsyncIterable[Any]) -> None:
            async for event in stream:
                if isinstance(event, TaskProgressEvent):
                    events.append(event.status)  # noqa: PERF401 -- heard while the call is still being carried out

        agent = Agent(scripted(play), toolsets=[TaskferryToolset(toolbox)])
        return str((await agent.run("Make a fox.", event_stream_handler=hear)).output)

    async def start(self, toolbox: Toolbox, play: Play, folder: Path) -> list[str]:
        """Run until a call is deferred."""
        done = await self._agent(toolbox, play).run("Make a fox.")
        assert isinstance(done.output, DeferredToolRequests)
        (folder / "messages.json").write_bytes(done.all_messages_json())
        (folder / "requests.json").write_bytes(REQUESTS.dump_json(done.output))
        return [found["taskferry"]["token"] for found in done.output.metadata.values()]

    async def resume(self, toolbox: Toolbox, play: Play, folder: Path) -> str:
        """Go on with the results."""
        messages = ModelMessagesTypeAdapter.validate_json((folder / "messages.json").read_bytes())
        requests = REQUESTS.validate_json((folder / "requests.json").read_bytes())
        results = await finish(toolbox, requests)
        agent = self._agent(toolbox, play)
        return str((await agent.run(message_history=messages, deferred_tool_results=results)).output)

    def script(self, names: dict[str, Any], play: Play) -> None:
        """Put a scripted model where an example names one of its own."""
        agent = names["Agent"]
        names["Agent"] = lambda _model, **more: agent(scripted(play), **more)

    async def schemas(self, toolbox: Toolbox) -> Mapping[str, Mapping[str, Any]]:
        """Give what a model's request has."""
        model = TestModel(call_tools=[])
        await Agent(model, toolsets=[TaskferryToolset(toolbox)]).run("Nothing.")
        assert model.last_model_request_parameters is not None
        return {
            one.name: {"description": one.description, "parameters": one.parameters_json_schema}
            for one in model.last_model_request_parameters.function_tools
        }

    def _agent(self, toolbox: Toolbox, play: Play) -> Agent[None, Any]:
        toolset = TaskferryToolset(toolbox, deferred=True)
        return Agent(scripted(play), toolsets=[toolset], output_type=[str, DeferredToolRequests])


DRIVER = PydanticDriver()
