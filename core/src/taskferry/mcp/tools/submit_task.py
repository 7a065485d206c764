"""The tool that starts a paid job."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from mcp_types import CallToolResult, ToolAnnotations
from pydantic import Field

from taskferry.mcp.documents import SubmitResult
from taskferry.mcp.results import task_result
from taskferry.mcp.state import ToolContext, state_of
from taskferry.mcp.tool import tool
from taskferry.status import Status

_DUPLICATE = (
    "This job exists already, so nothing was sent again; another one of the same needs an idempotency_key of its own."
)


OperationName: TypeAlias = Annotated[
    str,
    Field(
        min_length=3,
        max_length=200,
        description="What to make, by its full name PROVIDER/OPERATION as list_operations gives it.",
        examples=["acme/text-to-image"],
    ),
]
JobParameters: TypeAlias = Annotated[
    dict[str, Any],
    Field(
        description=(
            "The job's parameters; they have to fit the schema that list_operations gives for the operation. A "
            "media parameter takes an http(s) URL or the path of a file below the working folder."
        ),
        examples=[{"prompt": "a small red fox in the snow"}],
    ),
]
MaxCost: TypeAlias = Annotated[
    str | None,
    Field(
        max_length=40,
        pattern=r"^\s*[0-9]+(\.[0-9]+)?\s*[A-Za-z]+\s*$",
        description=(
            "The most that the job may cost, as a number and the unit that the provider bills in. A job that costs "
            "more, or whose price is not known, is not sent."
        ),
        examples=["1.50 USD", "40 credits"],
    ),
]
IdempotencyKey: TypeAlias = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=200,
        description=(
            "Your own name for this very job: a second call with the same key gives the task that exists and bills "
            "nothing. Use a new one for each job that is really wanted."
        ),
        examples=["fox-cover-1"],
    ),
]


async def submit_task(
    context: ToolContext,
    operation: OperationName,
    parameters: JobParameters,
    max_cost: MaxCost = None,
    idempotency_key: IdempotencyKey = None,
) -> Annotated[CallToolResult, SubmitResult]:
    """Start a generation job at a provider. This costs money: the provider bills the user's account.

    Returns as soon as the provider has taken or refused the job, not when it is done: call wait_task next. Call it only
    when the user wants something made, once for each thing, and set max_cost. The same call again within minutes gives
    the task that exists. Never call it again because a call timed out or because a task is `unconfirmed`: a paid job
    may exist. Wrong parameters, an unknown operation and a price above max_cost are told before anything is sent.
    """
    state = state_of(context)
    admitted = state.roots.admit(state.ferry.operation(operation), parameters)
    task = await state.ferry.submit(operation, admitted, max_cost=max_cost, idempotency_key=idempotency_key)
    status = task.snapshot.status
    went_wrong = status is Status.UNCONFIRMED or (status.terminal and not status.ok)
    return task_result(
        task.record,
        heading=_DUPLICATE if task.duplicate else "",
        is_error=went_wrong,
        duplicate=task.duplicate,
    )


TOOL = tool(
    submit_task,
    title="Submit a paid job",
    annotations=ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
    ),
)
