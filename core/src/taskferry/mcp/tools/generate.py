"""The tool that makes something: starts a paid job and waits for its files, as far as a call may wait."""

from __future__ import annotations

import asyncio
from typing import Annotated

from mcp_types import CallToolResult, ToolAnnotations

from taskferry.handle import FerryTask
from taskferry.mcp.app import VIEWER_META
from taskferry.mcp.documents import GenerateResult
from taskferry.mcp.paying import Payer, submit
from taskferry.mcp.profile import Submission
from taskferry.mcp.session import Session, session_of
from taskferry.mcp.state import ToolContext
from taskferry.mcp.tool import tool
from taskferry.mcp.tools.arguments import AllowUnpriced, IdempotencyKey, JobParameters, MaxCost, OperationName
from taskferry.mcp.tools.submit_task import DUPLICATE, plan
from taskferry.mcp.waiting import STILL_UNDER_WAY, goes_on, went_wrong
from taskferry.text import clean
from taskferry.tools.texts import describe

LONGEST_CALL = 44.0
"""Seconds from the call to its answer, however far the job is; clients give up from 60 on."""


async def generate(
    context: ToolContext,
    operation: OperationName,
    parameters: JobParameters,
    max_cost: MaxCost = None,
    allow_unpriced: AllowUnpriced = False,
    idempotency_key: IdempotencyKey = None,
) -> Annotated[CallToolResult, GenerateResult]:
    """Submit a job and wait for it, as far as a call may wait."""
    session = session_of(context)
    submission = Submission(
        operation=operation,
        parameters=parameters,
        max_cost=max_cost,
        allow_unpriced=allow_unpriced,
        idempotency_key=idempotency_key,
    )
    loop = asyncio.get_running_loop()
    end = loop.time() + LONGEST_CALL
    task = await submit(session, submission)
    finished = await session.wait(task, max(end - loop.time(), 0.0))
    return _result(session, task, timed_out=not finished and goes_on(task))


def _result(session: Session, task: FerryTask, *, timed_out: bool) -> CallToolResult:
    problem = None if timed_out or task.problem is None else clean(task.problem)
    headings = [STILL_UNDER_WAY if timed_out else problem, DUPLICATE if task.duplicate else None]
    return session.result(
        task,
        heading=" ".join(filter(None, headings)),
        is_error=went_wrong(task),
        duplicate=task.duplicate,
        timed_out=timed_out,
    )


async def _show(session: Session, task: FerryTask) -> CallToolResult:
    return _result(session, task, timed_out=False)


TOOL = tool(
    generate,
    title="Make something (paid)",
    description=describe("generate"),
    annotations=ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
    ),
    pays=True,
    meta=VIEWER_META,
)
PAYER = Payer(tool=TOOL, plan=plan, show=_show)
