"""An agent of the OpenAI Agents SDK whose model reads a script."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from agents import Agent, Model, ModelResponse, Runner, RunState, Usage, add_trace_processor, set_trace_processors
from agents.models.openai_responses import Converter
from agents.tracing import Span, Trace, TracingProcessor
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

from frameworks.plays import Move, Play
from taskferry.tools import Toolbox
from taskferry_openai_agents import finish, tools


class ScriptedModel(Model):
    """Says what the play says."""

    def __init__(self, play: Play) -> None:
        self._play = play

    async def get_response(self, *arguments: Any, **named: Any) -> ModelResponse:
        """Answer what the conversation has come to."""
        items = named.get("input", arguments[1] if len(arguments) > 1 else [])
        results = [json.loads(item["output"]) for item in items if is_output(item)] if isinstance(items, list) else []
        move, number = self._play(results), len(results)
        output: Any
        if isinstance(move, Move):
            output = ResponseFunctionToolCall(
                type="function_call", name=move.tool, arguments=json.dumps(move.arguments), call_id=f"call-{number}"
            )
        else:
            text = ResponseOutputText(type="output_text", text=move, annotations=[])
            output = ResponseOutputMessage(
                type="message", id="last", role="assistant", status="completed", content=[text]
            )
        return ModelResponse(output=[output], usage=Usage(), response_id=None)

    def stream_response(self, *_: Any, **__: Any) -> AsyncIterator[Any]:
        """Stream nothing: the plays do not ask for it."""
        raise NotImplementedError


def is_output(item: Any) -> bool:
    """Tell what a tool gave from what else is in the conversation."""
    return isinstance(item, dict) and item.get("type") == "function_call_output"


class Spans(TracingProcessor):
    """Keeps what traces tell of progress."""

    def __init__(self, events: list[Any]) -> None:
        self._events = events

    def on_span_end(self, span: Span[Any]) -> None:
        """Take our own spans."""
        if getattr(span.span_data, "name", None) == "taskferry.progress":
            self._events.append(span.span_data.data["status"])

    def on_span_start(self, span: Span[Any]) -> None:
        """Wait for the end."""

    def on_trace_start(self, trace: Trace) -> None:
        """Leave traces alone."""

    def on_trace_end(self, trace: Trace) -> None:
        """Leave traces alone."""

    def shutdown(self) -> None:
        """Have nothing to close."""

    def force_flush(self) -> None:
        """Have nothing to send."""


class AgentsDriver:
    """Runs it; its state is a RunState."""

    async def run(self, toolbox: Toolbox, play: Play, events: list[Any]) -> str:
        """Run to the end, with a trace processor."""
        set_trace_processors([])  # the usual one sends traces away
        add_trace_processor(Spans(events))
        agent = Agent(name="fox", model=ScriptedModel(play), tools=[*tools(toolbox)])
        return str((await Runner.run(agent, "Make a fox.")).final_output)

    async def start(self, toolbox: Toolbox, play: Play, folder: Path) -> list[str]:
        """Run until the run is interrupted."""
        done = await Runner.run(self._agent(toolbox, play), "Make a fox.")
        (folder / "state.json").write_text(json.dumps(done.to_state().to_json()))
        return [str(item.arguments) for item in done.interruptions]

    async def resume(self, toolbox: Toolbox, play: Play, folder: Path) -> str:
        """Wait, approve, go on."""
        agent = self._agent(toolbox, play)
        state = await RunState.from_json(agent, json.loads((folder / "state.json").read_text()))
        await finish(toolbox, state)
        return str((await Runner.run(agent, state)).final_output)

    def script(self, names: dict[str, Any], play: Play) -> None:
        """Put a scripted model where an example names one of its own."""
        names["Agent"] = partial(names["Agent"], model=ScriptedModel(play))

    async def schemas(self, toolbox: Toolbox) -> Mapping[str, Mapping[str, Any]]:
        """Give what a request to the Responses API has."""
        found: Any = Converter.convert_tools([*tools(toolbox)], []).tools
        return {one["name"]: one for one in found}

    def _agent(self, toolbox: Toolbox, play: Play) -> Agent[Any]:
        set_trace_processors([])
        return Agent(name="fox", model=ScriptedModel(play), tools=[*tools(toolbox, interruptions=True)])


DRIVER = AgentsDriver()
