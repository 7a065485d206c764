"""A LangChain agent whose model reads a script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.types import Command

from frameworks.plays import Move, Play
from taskferry.tools import Toolbox
from taskferry_langchain import tools

THREAD: Any = {"configurable": {"thread_id": "fox"}}


class ScriptedModel(BaseChatModel):
    """Says what the play says."""

    play: Any

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> Runnable[Any, AIMessage]:
        """Take any tools."""
        return self

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        results = [json.loads(str(message.content)) for message in messages if isinstance(message, ToolMessage)]
        move = self.play(results)
        calls = []
        if isinstance(move, Move):
            calls = [{"name": move.tool, "args": move.arguments, "id": f"call-{len(results)}", "type": "tool_call"}]
        message = AIMessage(content="" if calls else move, tool_calls=calls)
        return ChatResult(generations=[ChatGeneration(message=message)])


class LangGraphDriver:
    """Runs it, with its state in a SQLite checkpointer."""

    async def run(self, toolbox: Toolbox, play: Play, events: list[Any]) -> str:
        """Run to the end, streaming."""
        agent = create_agent(ScriptedModel(play=play), tools(toolbox))
        last: Any = None
        async for mode, chunk in agent.astream(
            {"messages": [("user", "Make a fox.")]}, stream_mode=["custom", "values"]
        ):
            if mode == "custom":
                events.append(chunk["status"])
            else:
                last = chunk
        return str(last["messages"][-1].content)

    async def start(self, toolbox: Toolbox, play: Play, folder: Path) -> list[str]:
        """Run until the graph is interrupted."""
        async with AsyncSqliteSaver.from_conn_string(str(folder / "state.db")) as saver:
            agent = create_agent(ScriptedModel(play=play), tools(toolbox, interrupts=True), checkpointer=saver)
            state = await agent.ainvoke({"messages": [("user", "Make a fox.")]}, THREAD)
            return [one.value["token"] for one in state["__interrupt__"]]

    async def resume(self, toolbox: Toolbox, play: Play, folder: Path) -> str:
        """Resume every interrupt."""
        async with AsyncSqliteSaver.from_conn_string(str(folder / "state.db")) as saver:
            agent = create_agent(ScriptedModel(play=play), tools(toolbox, interrupts=True), checkpointer=saver)
            waiting = (await agent.aget_state(THREAD)).interrupts
            state = await agent.ainvoke(Command(resume={one.id: True for one in waiting}), THREAD)
            return str(state["messages"][-1].content)

    def script(self, names: dict[str, Any], play: Play) -> None:
        """Put a scripted model where an example names one of its own."""
        make = names["create_agent"]
        names["create_agent"] = lambda _model, *given, **more: make(ScriptedModel(play=play), *given, **more)

    async def schemas(self, toolbox: Toolbox) -> Mapping[str, Mapping[str, Any]]:
        """Give what `bind_tools` of chat models sends."""
        return {one.name: convert_to_openai_tool(one)["function"] for one in tools(toolbox)}


DRIVER = LangGraphDriver()
