"""The tool that starts a paid job and comes back at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from mcp_types import CallToolResult, ToolAnnotations

from taskferry.handle import FerryTask
from taskferry.mcp.app import VIEWER_META
from taskferry.mcp.documents import SubmitResult
from taskferry.mcp.paying import Payer, submit
from taskferry.mcp.profile import Submission
from taskferry.mcp.session import Session, session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import AllowUnpriced, IdempotencyKey, JobParameters, MaxCost, OperationName
from taskferry.mcp.waiting import went_wrong
from taskferry.tools.texts import describe

DUPLICATE = (
    "This job exists already, so nothing was sent again; another one of the same needs an idempotency_key of its own."
)


async def submit_task(
    context: ToolContext,
    operation: OperationName,
    parameters: JobParameters,
    max_cost: MaxCost = None,
    allow_unpriced: AllowUnpriced = False,
    idempotency_key: IdempotencyKey = None,
) -> Annotated[CallToolResult, SubmitResult]:
    """Submit a job and come back."""
    session = session_of(context)
    submission = Submission(
        operation=operation,
        parameters=parameters,
        max_cost=max_cost,
        allow_unpriced=allow_unpriced,
        idempotency_key=idempotency_key,
    )
    return await _show(session, await submit(session, submission))


async def plan(_: Session, arguments: Mapping[str, Any]) -> Submission:
    """Take a submission from arguments that are those of a submission."""
    return Submission(**arguments)


async def _show(session: Session, task: FerryTask) -> CallToolResult:
    heading = DUPLICATE if task.duplicate else ""
    return session.result(task, heading=heading, is_error=went_wrong(task), duplicate=task.duplicate)


TOOL = tool(
    submit_task,
    title="Submit a paid job",
    description=describe("submit_task"),
    annotations=ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
    ),
    pays=True,
    meta=VIEWER_META,
)
PAYER = Payer(tool=TOOL, plan=plan, show=_show, as_task=False)
