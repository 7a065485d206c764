"""A smolagents agent whose model reads a script."""

from __future__ import annotations

import ast
import asyncio
import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smolagents import AgentError, ChatMessage, LogLevel, MessageRole, Model, ToolCallingAgent
from smolagents.models import ChatMessageToolCall, ChatMessageToolCallFunction, get_tool_json_schema

from frameworks.plays import Move, Play
from taskferry.tools import Toolbox
from taskferry_smolagents import interrupt_at_job, tokens, tools

FINISHED = "The job is finished: "
OBSERVED = "Observation:\n"


class ScriptedModel(Model):
    """Says what the play says."""

    def __init__(self, play: Play) -> None:
        super().__init__()
        self._play = play

    def generate(self, messages: list[ChatMessage], *_: Any, **__: Any) -> ChatMessage:
        """Answer what the conversation has come to."""
        texts = [part.get("text", "") for message in messages for part in message.content]
        results = [found for text in texts if (found := result_in(text)) is not None]
        move = self._play(results)
        name, arguments = (move.tool, move.arguments) if isinstance(move, Move) else ("final_answer", {"answer": move})
        function = ChatMessageToolCallFunction(name=name, arguments=arguments)
        call = ChatMessageToolCall(function=function, id=f"call-{len(results)}", type="function")
        return ChatMessage(role=MessageRole.ASSISTANT, content=None, tool_calls=[call])


def result_in(text: str) -> Any:
    """Give what a tool has answered, or what was told of a job since."""
    if text.startswith(OBSERVED):
        return ast.literal_eval(text.removeprefix(OBSERVED))
    if FINISHED in text:
        return json.loads(text.partition(FINISHED)[2])
    return {"status": "error", "summary": text} if text.startswith("Error:") else None


class SmolagentsDriver:
    """Runs it, in a thread; its state is its memory and the tokens."""

    async def run(self, toolbox: Toolbox, play: Play, events: list[Any]) -> str:
        """Run to the end."""
        ours = tools(toolbox, progress=lambda snapshot: events.append(snapshot.status.value))
        agent = ToolCallingAgent(ours, ScriptedModel(play), verbosity_level=LogLevel.OFF)
        return str(await asyncio.to_thread(agent.run, "Make a fox."))

    async def start(self, toolbox: Toolbox, play: Play, folder: Path) -> list[str]:
        """Run until a job is left under way."""
        agent = self._agent(toolbox, play)
        try:
            await asyncio.to_thread(agent.run, "Make a fox.")
        except AgentError:
            state = {"steps": agent.memory.steps, "tokens": tokens(agent)}
            (folder / "state.pickle").write_bytes(pickle.dumps(state))
        return list(tokens(agent).values())

    async def resume(self, toolbox: Toolbox, play: Play, folder: Path) -> str:
        """Tell the agent how its jobs ended, and let it go on."""
        state = pickle.loads((folder / "state.pickle").read_bytes())
        results = [await toolbox.finish(token) for token in state["tokens"].values()]
        agent = self._agent(toolbox, play)
        agent.memory.steps = state["steps"]
        task = "\n".join(f"{FINISHED}{json.dumps(result)}" for result in results)
        return str(await asyncio.to_thread(agent.run, task, reset=False))

    def script(self, names: dict[str, Any], play: Play) -> Model:
        """Give the model that an example takes."""
        return ScriptedModel(play)

    async def schemas(self, toolbox: Toolbox) -> Mapping[str, Mapping[str, Any]]:
        """Give what models of smolagents send."""
        return {one.name: get_tool_json_schema(one)["function"] for one in tools(toolbox)}

    def _agent(self, toolbox: Toolbox, play: Play) -> ToolCallingAgent:
        ours = tools(toolbox, run_id="fox")
        model = ScriptedModel(play)
        return ToolCallingAgent(ours, model, step_callbacks=[interrupt_at_job], verbosity_level=LogLevel.OFF)


DRIVER = SmolagentsDriver()
