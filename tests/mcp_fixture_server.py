"""A server with the tools that the conformance suite asks for, on our own tasks extension and a made-up provider."""

from __future__ import annotations

import secrets
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from attrs import define, field
from mcp.server.context import CallNext, HandlerResult
from mcp.server.mcpserver import Context
from mcp_types import (
    INTERNAL_ERROR,
    CallToolRequestParams,
    CallToolResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ErrorData,
    InputRequest,
    InputRequiredResult,
    TextContent,
)
from pydantic import Field

from conformance.provider import registry, served
from taskferry import Ferry, FerryTask, Profile, ProfileContext, ProfileTool, Submission
from taskferry.mcp.confirming import Confirming
from taskferry.mcp.http import HttpOptions, serve_http
from taskferry.mcp.profile_tools import made
from taskferry.mcp.server import build_server
from taskferry.mcp.state import RequestContext
from taskferry.mcp.tasks import LedgerSource, State, Word, Work

Seconds = Annotated[float, Field(ge=0, description="How long it takes.", examples=[2])]
Label = Annotated[str, Field(description="What it is called.", examples=["first"])]


async def greet(context: ProfileContext, name: Annotated[str, Field(description="Whom to greet.")]) -> str:
    """Greet somebody, at once."""
    return f"Hello, {name}!"


async def slow_compute(context: ProfileContext, seconds: Seconds, label: Label = "") -> Submission:
    """Compute for a while."""
    return Submission(operation="slow/compute", parameters={"prompt": _unlike(label), "seconds": seconds})


async def failing_job(context: ProfileContext) -> Submission:
    """Start a job that fails."""
    parameters = {"prompt": _unlike("fails"), "seconds": 0.2, "fails": True}
    return Submission(operation="slow/compute", parameters=parameters)


async def test_tool_with_task(context: ProfileContext) -> Submission:
    """Ask for a name, then work for it."""
    return Submission(operation="slow/compute", parameters={"prompt": NAMES.pop(), "seconds": 0.5})


async def asks(context: ProfileContext) -> str:
    """Ask the client while the task is under way."""
    return "This tool is for clients that take tasks."


async def confirm_delete(
    context: ProfileContext, filename: Annotated[str, Field(description="What to delete.")]
) -> str:
    """Ask before a file would be deleted; deletes nothing."""
    return f"Nothing to do for {filename}."


async def show(context: ProfileContext, task: FerryTask) -> str:
    """Say how a job stands."""
    return f"{task.record.job.prompt}: {task.snapshot.status}"


_STATELESS = "test_input_required_result_elicitation"
_ROUNDS: Mapping[str, Sequence[str]] = {
    _STATELESS: ["user_name"],
    "test_input_required_result_request_state": ["confirm"],
    "test_input_required_result_tampered_state": ["confirm"],
    "test_input_required_result_multi_round": ["step1", "step2"],
}
"""What tools without tasks ask, one question in a round; the sealed state counts the rounds."""
NAMES: list[str] = []
"""The name that a client gave in the first round of `test_tool_with_task`, for its second."""
PROFILE = Profile(
    name="conformance",
    instructions="Tools that the conformance suite asks for.",
    tools=[
        ProfileTool(name="greet", handler=greet, read_only=True),
        ProfileTool(name="slow_compute", handler=slow_compute, creates=True, wait=40),
        ProfileTool(name="failing_job", handler=failing_job, creates=True),
        ProfileTool(name="test_tool_with_task", handler=test_tool_with_task, creates=True),
        ProfileTool(name="protocol_error_job", handler=asks, description="Fail as the protocol fails."),
        ProfileTool(name="confirm_delete", handler=confirm_delete),
        ProfileTool(name="multi_input", handler=asks, description="Ask two things at once."),
        *(ProfileTool(name=name, handler=asks, description="Ask, then answer.") for name in _ROUNDS),
    ],
    show=show,
)
_QUESTIONS = {"confirm_delete": 1, "multi_input": 2, "protocol_error_job": 0}
_SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}, "confirm": {"type": "boolean"}}}


def _unlike(label: str) -> str:
    """Make a label that no other call has, so that every call is a job of its own."""
    return f"{label} {secrets.token_hex(4)}"


def _question(message: str) -> InputRequest:
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=_SCHEMA))


@define(kw_only=True)
class Asking:
    """Work that asks its client before it ends, or that ends as only the protocol can."""

    task_id: str = field(factory=lambda: secrets.token_urlsafe(16))
    created_at: float = field(factory=time.time)
    open: dict[str, InputRequest]
    fails: bool = False
    cancelled: bool = False

    async def state(self) -> State:
        """Say how it stands."""
        error = ErrorData(code=INTERNAL_ERROR, message="The worker is gone.") if self.fails else None
        done = CallToolResult(content=[TextContent(type="text", text="Answered.")])
        word = self._word()
        return State(
            task_id=self.task_id,
            word=word,
            created_at=self.created_at,
            updated_at=time.time(),
            poll_after_ms=100,
            result=done if word is Word.COMPLETED else None,
            error=error,
            inputs=self.open if word is Word.INPUT_REQUIRED else None,
        )

    def _word(self) -> Word:
        if self.fails:
            return Word.FAILED
        if self.cancelled:
            return Word.CANCELLED
        return Word.INPUT_REQUIRED if self.open else Word.COMPLETED

    async def answer(self, responses: Mapping[str, Any]) -> None:
        """Take the answers that were asked for."""
        for key in responses:
            self.open.pop(key, None)

    async def cancel(self) -> None:
        """End it, unless it has ended."""
        self.cancelled = self.cancelled or bool(self.open)


async def _progress(context: Context[Any, Any]) -> str:
    """Tell progress, three times."""
    for done in (0, 50, 100):
        await context.report_progress(done, 100)
    return "Done."


def _round(params: CallToolRequestParams) -> HandlerResult:
    """Ask the next question of a tool, or give its result when all are answered."""
    keys, answers = _ROUNDS[params.name], params.input_responses or {}
    stateless = params.name == _STATELESS
    asked = int(params.request_state or (1 if stateless else 0))
    answer = answers.get(keys[asked - 1]) if asked else None
    if answer is not None and asked == len(keys):
        name = (getattr(answer, "content", None) or {}).get("name", "")
        return CallToolResult(content=[TextContent(type="text", text=f"Hello, {name}! state-ok")])
    place = asked if answer is not None else max(asked - 1, 0)
    return InputRequiredResult(
        input_requests={keys[place]: _question("Go on?")}, request_state=None if stateless else str(place + 1)
    )


class FixtureSource(LedgerSource):
    """The ledger's own source, and beside it work that asks."""

    required = frozenset({"failing_job", "test_tool_with_task"})

    def __init__(self) -> None:
        super().__init__(made(PROFILE).payers, Confirming())
        self._asking: dict[str, Asking] = {}

    def takes(self, tool: str) -> bool:
        """Take the tools that ask too."""
        return tool in _QUESTIONS or tool in _ROUNDS or super().takes(tool)

    async def begin(
        self, params: CallToolRequestParams, request: RequestContext, call_next: CallNext, *, as_task: bool
    ) -> Work | HandlerResult:
        """Ask for the name first, or begin work that asks, or leave it to the ledger."""
        if params.name in _ROUNDS:
            return _round(params)
        if params.name == "test_tool_with_task":
            answer = (params.input_responses or {}).get("user_name")
            if answer is None:
                return InputRequiredResult(input_requests={"user_name": _question("What is your name?")})
            NAMES.append(str((getattr(answer, "content", None) or {}).get("name")))
        if params.name not in _QUESTIONS:
            return await super().begin(params, request, call_next, as_task=as_task)
        if not as_task:
            return await call_next(request)
        keys = [secrets.token_urlsafe(8) for _ in range(_QUESTIONS[params.name])]
        work = Asking(open={key: _question("Go on?") for key in keys}, fails=not keys)
        self._asking[work.task_id] = work
        return work

    async def find(self, task_id: str, request: RequestContext) -> Work | None:
        """Find work that asks, or a task of the ledger."""
        return self._asking.get(task_id) or await super().find(task_id, request)


def main() -> None:
    """Serve on a free port of loopback until SIGTERM; print the URL."""
    with tempfile.TemporaryDirectory() as home, served() as environ:
        ferry = Ferry(home=Path(home), environ=environ, registry=registry(), caller="mcp")
        server = build_server(ferry, working=Path(home), profile=PROFILE, source=FixtureSource())
        server.add_tool(_progress, "test_tool_with_progress", description="Tell progress.")
        serve_http(server, HttpOptions(port=0), listening=_tell)


def _tell(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
