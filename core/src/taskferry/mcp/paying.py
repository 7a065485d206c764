"""The steps of every tool that starts a paid job: plan it, admit its files, submit it, show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from attrs import frozen
from mcp_types import CallToolResult

from taskferry.cost import Amount
from taskferry.handle import FerryTask
from taskferry.mcp.profile import Submission
from taskferry.mcp.session import Session
from taskferry.mcp.tool import CarefulTool
from taskferry.routing import is_route

_PATIENCE = 30.0
"""Seconds that a call waits for the provider's answer to its create; the submit itself goes on."""

_planned: ContextVar[Submission | None] = ContextVar("planned", default=None)


@frozen(kw_only=True)
class Payer:
    """A tool that starts paid jobs."""

    tool: CarefulTool
    plan: Callable[[Session, Mapping[str, Any]], Awaitable[Submission]]
    """Makes a submission of the tool's checked arguments."""
    show: Callable[[Session, FerryTask], Awaitable[CallToolResult]]
    """Gives a task as the tool's result; does with what the row says, since any process may be asked."""
    as_task: bool = True
    """Whether its jobs become protocol tasks where the client takes those."""


@contextmanager
def planned_as(submission: Submission) -> Iterator[None]:
    """Have the tool that is called within submit this very job: the one whose price was checked and confirmed."""
    token = _planned.set(submission)
    try:
        yield
    finally:
        _planned.reset(token)


def planned() -> Submission | None:
    """Give the job that was planned before the tool was called, if one was."""
    return _planned.get()


async def submit(session: Session, submission: Submission) -> FerryTask:
    """Submit a job in the caller's name; raise what the ferry raises, and a UsageError for files it may not send."""
    operation = session.ferry.operation(submission.operation)
    return await session.ferry.submit(
        submission.operation,
        session.roots.admit(operation, submission.parameters),
        max_cost=submission.max_cost,
        allow_unpriced=submission.allow_unpriced,
        idempotency_key=submission.idempotency_key,
        patience=_PATIENCE,
    )


async def price(session: Session, submission: Submission) -> Amount | None:
    """Give the most that a job may cost as far as it is known; raise a UsageError for one that would not be sent.

    Where a provider is to be chosen, that is the price of the dearest which the job may come to.
    """
    operation = session.ferry.operation(submission.operation)
    parameters = session.roots.admit(operation, submission.parameters)
    if not is_route(operation.name):
        return session.ferry.quote(operation.name, parameters)
    route = await session.ferry.route(
        operation.name, parameters, max_cost=submission.max_cost, allow_unpriced=submission.allow_unpriced
    )
    return route.dearest
