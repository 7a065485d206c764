"""One call as the tools see it: the ferry in the caller's name, and no task but the caller's own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from attrs import evolve, frozen
from mcp_types import CallToolResult

from taskferry.errors import UnknownName, UsageError
from taskferry.exchange import fetch
from taskferry.ferry import Ferry
from taskferry.handle import FerryTask
from taskferry.ledger.record import Record
from taskferry.mcp.callers import principal
from taskferry.mcp.progress import Progress
from taskferry.mcp.results import task_result
from taskferry.mcp.state import RequestContext, State, ToolContext
from taskferry.mcp.waiting import LONGEST_WAIT, goes_on, wait_for_end
from taskferry.status import Status
from taskferry.task import Artifact
from taskferry.tools.advice import billing
from taskferry.tools.roots import Roots

_HINT = "list_tasks shows the tasks."


@frozen(kw_only=True)
class Session:
    """The ferry, the roots and who calls; a ProfileContext."""

    ferry: Ferry
    roots: Roots
    caller: str
    bound: bool
    """Whether the caller showed a token, and so has to do with its own tasks alone."""
    progress: Progress

    async def find(self, task_id: str) -> FerryTask:
        """Give a task of the caller as the ledger has it, without a look; raise UnknownName for anybody else's."""
        try:
            task = await self.ferry.task(task_id)
        except UsageError:
            if not self.bound:
                raise
            raise UnknownName("task", task_id, (), _HINT) from None  # the ledger's own words name others' tasks
        if self.bound and (task.record.job.caller != self.caller or task.id != task_id):
            raise UnknownName("task", task_id, (), _HINT)
        return task

    async def task(self, task_id: str) -> FerryTask:
        """Give a task of the caller, taken up where its server has gone; a parked one stays as it is."""
        return await self.taken_up(await self.find(task_id))

    async def taken_up(self, task: FerryTask) -> FerryTask:
        """Go on with a task whose server has gone; a parked one stays as it is."""
        return await self.ferry.resume(task.id) if goes_on(task) else task

    async def resume(self, task_id: str) -> FerryTask:
        """Give a task of the caller, taken up even if it was parked."""
        return await self.ferry.resume((await self.find(task_id)).id)

    async def recent(
        self, limit: int = 20, *, statuses: Collection[Status] | None = None, provider: str | None = None
    ) -> list[Record]:
        """Give the newest tasks of the caller, without a look."""
        caller = self.caller if self.bound else None
        return await self.ferry.recent(limit, statuses=statuses, provider=provider, caller=caller)

    async def wait(self, task: FerryTask, seconds: float) -> bool:
        """Wait for a task's end, files kept, telling the client its progress; say whether the end was seen."""
        return await wait_for_end(task, min(seconds, LONGEST_WAIT), self.progress)

    async def fresh_urls(self, task: FerryTask) -> Sequence[Artifact]:
        """Look at a task that succeeded once more, for newly signed URLs of its results; the row stays as it is.

        Raise what a look raises: WireError, ProviderError, AdapterError, LivesElsewhere, MissingKey.
        """
        accounts = self.ferry.engine.accounts
        account = accounts.of(task.record.job)
        seen = await fetch(account.adapter, task.record.remote, accounts.wire(account))
        return seen.artifacts

    def billing(self, task: FerryTask) -> str:
        """Say what a task costs, as far as that is known: `Nothing was billed.`"""
        return billing(task.record)

    def result(self, task: FerryTask, *, heading: str = "", is_error: bool = False, **more: Any) -> CallToolResult:
        """Give the result of a tool that is about one task; `more` joins the structured document."""
        return task_result(task.record, heading=heading, is_error=is_error, pause=self.pause(task), **more)

    def pause(self, task: FerryTask) -> float | None:
        """Give the seconds between this process's own looks at a task; None if it does not look."""
        flight = self.ferry.engine.poller.flight(task.id)
        return flight.pause if flight is not None and flight.pause else None


def session_of(context: ToolContext) -> Session:
    """Give the session of a tool's call."""
    return evolve(session_in(context.request_context), progress=Progress(context.report_progress))


def session_in(request: RequestContext) -> Session:
    """Give the session of any request; it tells no progress."""
    state: State = request.lifespan_context
    name = principal()
    return Session(
        ferry=state.ferry if name is None else state.ferry.for_caller(name),
        roots=state.roots,
        caller=name or state.ferry.caller,
        bound=name is not None,
        progress=Progress(),
    )
