"""An agent of Google's ADK whose model reads a script."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

from google.adk.agents import LlmAgent
from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.adk.runners import Runner
from google.adk.sessions import BaseSessionService, InMemorySessionService
from google.adk.sessions.sqlite_session_service import SqliteSessionService
from google.genai import types

from frameworks.plays import Move, Play
from taskferry.tools import Toolbox
from taskferry_google_adk import finish, tools

WHERE: Any = {"app_name": "fox", "user_id": "ada", "session_id": "1"}


class ScriptedModel(BaseLlm):
    """Says what the play says, and waits where it is told that a result comes later."""

    play: Any

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        """Answer what the conversation has come to."""
        parts = [part for content in llm_request.contents for part in content.parts or []]
        found = [part.function_response for part in parts if part.function_response]
        results: list[Any] = [one.response for one in {one.id: one for one in found}.values()]
        move = self.play(results)
        if results and "Do not call again" in results[-1].get("next", ""):
            move = "It is being made."
        if isinstance(move, Move):
            part = types.Part(
                function_call=types.FunctionCall(name=move.tool, args=move.arguments, id=f"call-{len(results)}")
            )
        else:
            part = types.Part(text=move)
        yield LlmResponse(content=types.Content(role="model", parts=[part]))


async def said(runner: Runner, message: types.Content) -> str:
    """Send a message and give the last words."""
    words = ""
    async for event in runner.run_async(user_id="ada", session_id="1", new_message=message):
        for part in event.content.parts or [] if event.content else []:
            words = part.text or words
    return words


def runner_of(toolbox: Toolbox, play: Play, service: BaseSessionService, **settings: Any) -> Runner:
    """Give what runs the agent."""
    model = ScriptedModel(model="scripted", play=play)
    agent = LlmAgent(name="maker", model=model, tools=[*tools(toolbox, **settings)])
    return Runner(app_name="fox", agent=agent, session_service=service)


START = types.Content(role="user", parts=[types.Part(text="Make a fox.")])


class AdkDriver:
    """Runs it, with its state in a SQLite session."""

    async def run(self, toolbox: Toolbox, play: Play, events: list[Any]) -> str:
        """Run to the end."""
        service = InMemorySessionService()
        await service.create_session(**WHERE)
        runner = runner_of(toolbox, play, service, progress=lambda snapshot: events.append(snapshot.status.value))
        return await said(runner, START)

    async def start(self, toolbox: Toolbox, play: Play, folder: Path) -> list[str]:
        """Run until a call is pending."""
        service = SqliteSessionService(str(folder / "sessions.db"))
        await service.create_session(**WHERE)
        assert await said(runner_of(toolbox, play, service, long_running=True), START) == "It is being made."
        session = await service.get_session(**WHERE)
        assert session is not None
        responses = [found.response or {} for event in session.events for found in event.get_function_responses()]
        return [found["token"] for found in responses if found.get("timed_out")]

    async def resume(self, toolbox: Toolbox, play: Play, folder: Path) -> str:
        """Send the results."""
        service = SqliteSessionService(str(folder / "sessions.db"))
        session = await service.get_session(**WHERE)
        assert session is not None
        message = await finish(toolbox, session)
        assert message is not None
        return await said(runner_of(toolbox, play, service, long_running=True), message)

    def script(self, names: dict[str, Any], play: Play) -> None:
        """Put a scripted model where an example names one of its own."""
        agent, model = names["LlmAgent"], ScriptedModel(model="scripted", play=play)
        names["LlmAgent"] = lambda **more: agent(**{**more, "model": model})

    async def schemas(self, toolbox: Toolbox) -> Mapping[str, Mapping[str, Any]]:
        """Give what a request to the model has."""
        request = LlmRequest()
        request.append_tools([*tools(toolbox)])
        found: Any = request.config.tools
        return {
            one.name: {"description": one.description, "parameters": one.parameters_json_schema}
            for tool in found
            for one in tool.function_declarations
        }


DRIVER = AdkDriver()
