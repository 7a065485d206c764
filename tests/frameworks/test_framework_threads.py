"""Agents without an event loop: a LangGraph graph that is invoked, and a smolagents agent that writes Python."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from frameworks.desk import REASON, SPEED, creates, driver, is_here
from frameworks.plays import JOB, long_job
from taskferry.sandbox import Running, running
from taskferry.sync import Ferry
from taskferry.tools import Toolbox

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # frameworks warn of each other's doings
]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A provider that is much faster than the real one."""
    with running({"vap": "taskferry_vap.sandbox:stand_in"}, speed=SPEED) as servers:
        for name, value in servers["vap"].env.items():
            monkeypatch.setenv(name, value)
        yield servers["vap"]


@pytest.mark.skipif(not is_here("langgraph"), reason=REASON)
def test_a_graph_that_is_invoked_is_interrupted_and_resumed(provider: Running, tmp_path: Path) -> None:
    """As one that is awaited; the interrupt says what is being made."""
    from langchain.agents import create_agent
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.types import Command

    from frameworks.langgraph_driver import THREAD, ScriptedModel
    from taskferry_langchain import tools

    with Ferry(home=tmp_path, speed=SPEED) as ferry:
        ours = tools(Toolbox(ferry, working=tmp_path, longest_wait=0.2), interrupts=True)
        agent = create_agent(ScriptedModel(play=long_job), ours, checkpointer=InMemorySaver())

        stopped = agent.invoke({"messages": [("user", "Make a fox.")]}, THREAD)
        resumed = agent.invoke(Command(resume="go on"), THREAD)

    (waiting,) = stopped["__interrupt__"]
    assert set(waiting.value) == {"type", "task_id", "token", "status", "summary"}
    assert str(resumed["messages"][-1].content).startswith("succeeded: ")
    assert creates(provider.base_url) == 1


@pytest.mark.skipif(not is_here("smolagents"), reason=REASON)
def test_an_agent_that_writes_python_calls_the_tools(provider: Running, tmp_path: Path) -> None:
    """And reads their results as dictionaries."""
    from smolagents import ChatMessage, CodeAgent, LogLevel, MessageRole, Model

    from taskferry_smolagents import tools

    code = f"made = generate(operation={JOB['operation']!r}, parameters={JOB['parameters']!r})\n"

    class Coder(Model):
        def generate(self, *_: Any, **__: Any) -> ChatMessage:
            text = f"Thought: make it.\n<code>\n{code}final_answer(made['paths'][0])\n</code>"
            return ChatMessage(role=MessageRole.ASSISTANT, content=text)

    with Ferry(home=tmp_path, speed=SPEED) as ferry:
        agent = CodeAgent(tools(Toolbox(ferry, working=tmp_path)), Coder(), verbosity_level=LogLevel.OFF)

        path = agent.run("Make a fox.")

    assert Path(str(path)).stat().st_size > 1000
    assert creates(provider.base_url) == 1


@pytest.mark.skipif(not is_here("langgraph"), reason=REASON)
async def test_a_graph_that_is_resumed_too_early_waits_for_the_end(provider: Running, tmp_path: Path) -> None:
    """The job is submitted once, though the tool is carried out twice."""
    from taskferry import Ferry as AsyncFerry

    async with AsyncFerry(home=tmp_path / "home", speed=SPEED) as ferry:
        toolbox = Toolbox(ferry, working=tmp_path, longest_wait=0.0)
        await driver("langgraph").start(toolbox, long_job, tmp_path)

        said = await driver("langgraph").resume(toolbox, long_job, tmp_path)

    assert said.startswith("succeeded: ")
    assert creates(provider.base_url) == 1
