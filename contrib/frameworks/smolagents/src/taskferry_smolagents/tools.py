"""A toolbox as smolagents tools; a step that leaves a job under way may interrupt the agent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

from smolagents import ActionStep, MultiStepAgent, Tool

from taskferry.tools import Progress, Toolbox, ToolCall, ToolDefinition, ToolResult


class TaskferryTool(Tool):  # type: ignore[misc]  # smolagents has no annotations for mypy to read
    """One tool of a toolbox."""

    skip_forward_signature_validation = True
    output_type = "object"

    def __init__(self, definition: ToolDefinition, call: ToolCall, progress: Progress | None) -> None:
        """Take a definition; `call` names the run, and `progress` is told every change of a job waited for."""
        super().__init__()
        self.name = definition.name
        self.description = _described(definition)
        self.inputs = _inputs(definition)
        self.tokens: dict[str, str] = {}
        """The jobs that this tool waited for and left under way: the token of each by its task."""
        self._definition, self._call, self._progress = definition, call, progress

    def forward(self, **arguments: Any) -> ToolResult:
        """Carry out one call; None stands for an argument that is left out."""
        given = {name: value for name, value in arguments.items() if value is not None}
        result = self._definition.call_sync(given, call=self._call, progress=self._progress)
        if result.get("timed_out"):
            self.tokens[result["task_id"]] = result["token"]
        return result


def tools(toolbox: Toolbox, *, run_id: str | None = None, progress: Progress | None = None) -> list[Tool]:
    """Give every tool of a toolbox, for an agent of either kind.

    smolagents tells a tool nothing of its call, so within one `run_id` (a new one unless given) the same arguments are
    the same job: a model that wants a second one has to change a parameter, such as the seed.
    """
    call = ToolCall(run_id=run_id or uuid4().hex, call_id="smolagents")
    return [TaskferryTool(definition, call, progress) for definition in toolbox.definitions]


def interrupt_at_job(step: ActionStep, agent: MultiStepAgent) -> None:  # noqa: ARG001 -- smolagents passes the step by position
    """Interrupt an agent whose step left a job under way; one of its `step_callbacks`.

    `agent.run` raises AgentError then. Keep `agent.memory.steps` and `tokens(agent)`: any process can wait for the jobs
    with `Toolbox.finish_sync` and go on with `agent.run(..., reset=False)`.
    """
    if tokens(agent):
        agent.interrupt()


def tokens(agent: MultiStepAgent) -> dict[str, str]:
    """Give the token of every job that the agent's last run waited for and left under way, by its task."""
    ours = [tool for tool in agent.tools.values() if isinstance(tool, TaskferryTool)]
    return {task_id: token for tool in ours for task_id, token in tool.tokens.items()}


def _inputs(definition: ToolDefinition) -> dict[str, dict[str, Any]]:
    """Give the parameters' schemas whole, with smolagents' own word for an optional one."""
    required = definition.parameters.get("required", ())
    return {
        name: {"type": "any", "description": name, **schema, **({} if name in required else {"nullable": True})}
        for name, schema in definition.parameters.get("properties", {}).items()
    }


def _described(definition: ToolDefinition) -> str:
    """Say in words what smolagents has no place for: rules that hold between parameters."""
    rules = dict.fromkeys(_messages(definition.parameters.get("allOf", ())))
    return " ".join([definition.description, *rules])


def _messages(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if "x-message" in schema:
            yield schema["x-message"]
        schema = list(schema.values())
    if isinstance(schema, Sequence) and not isinstance(schema, str):
        for part in schema:
            yield from _messages(part)
