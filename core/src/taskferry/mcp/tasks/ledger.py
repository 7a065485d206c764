"""Protocol tasks that are rows of the ledger: the row is the task, whichever process is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from mcp.server.context import CallNext, HandlerResult
from mcp_types import CallToolRequestParams, CallToolResult

from taskferry.errors import UsageError
from taskferry.handle import FerryTask
from taskferry.mcp.confirming import Confirming
from taskferry.mcp.paying import Payer, planned_as, submit
from taskferry.mcp.progress import status_words
from taskferry.mcp.session import Session, session_in
from taskferry.mcp.state import RequestContext
from taskferry.mcp.tasks.work import State, Word, Work
from taskferry.mcp.waiting import goes_on
from taskferry.status import Status
from taskferry.task import Finished
from taskferry.tools.advice import poll_after_ms


class LedgerSource:
    """Begins jobs by the tools that pay, and finds them again; a Source."""

    required: frozenset[str] = frozenset()
    """None: a client without tasks gets a plain result of every tool."""

    def __init__(self, payers: Sequence[Payer], confirming: Confirming, show: Payer | None = None) -> None:
        """Take the tools that start jobs; `show` is the one whose words every task ends in, the first if left out."""
        self._payers = {payer.tool.name: payer for payer in payers}
        self._confirming = confirming
        self._show = show or payers[0]

    def takes(self, tool: str) -> bool:
        """Tell whether a tool starts jobs."""
        return tool in self._payers

    async def begin(
        self, params: CallToolRequestParams, request: RequestContext, call_next: CallNext, *, as_task: bool
    ) -> Work | HandlerResult:
        """Check arguments and price before any money moves; then submit, or let the plain tool do it."""
        payer = self._payers[params.name]
        arguments = payer.tool.checked(params.arguments or {})
        if isinstance(arguments, CallToolResult):
            return arguments
        session = session_in(request)
        try:
            submission = await payer.plan(session, arguments)
            stopped = await self._confirming.stops(session, submission, params, request)
            if stopped is not None:
                return stopped
            if not (as_task and payer.as_task):
                with planned_as(submission):
                    return await call_next(request)
            task = await submit(session, submission)
        except Exception as error:  # noqa: BLE001 -- as the plain tool: every failure is a result in plain words
            return payer.tool.failed(error)
        work = LedgerWork(session=session, task=task, payer=payer)
        return work if goes_on(task) and not task.snapshot.status.terminal else await payer.show(session, task)

    async def find(self, task_id: str, request: RequestContext) -> Work | None:
        """Give the caller's task of exactly this id, taken up if its server has gone."""
        session = session_in(request)
        try:
            task = await session.find(task_id)
        except UsageError:  # whatever is wrong with it, it is no id of a task
            return None
        if task.id != task_id:
            return None
        return LedgerWork(session=session, task=await session.taken_up(task), payer=self._show)


@frozen(kw_only=True)
class LedgerWork:
    """One row as work."""

    session: Session
    task: FerryTask
    payer: Payer

    async def state(self) -> State:
        """Look at the provider, not twice within a second, and say how the task stands.

        A task that cannot go on by itself is completed with an error that says what to do: a client that went on
        polling it would do so for ever.
        """
        if goes_on(self.task):
            await self.task.refresh()
            over = isinstance(await self.task.wait(0), Finished)
        else:
            over = True
        snapshot = self.task.snapshot
        over = over or not goes_on(self.task)
        word = Word.WORKING if not over else Word.CANCELLED if snapshot.status is Status.CANCELLED else Word.COMPLETED
        return State(
            task_id=self.task.id,
            word=word,
            created_at=snapshot.created_at,
            updated_at=max(snapshot.looked_at or 0.0, snapshot.finished_at or 0.0, snapshot.created_at),
            poll_after_ms=poll_after_ms(self.task.record, self.session.pause(self.task)),
            message=status_words(snapshot),
            result=await self.payer.show(self.session, self.task) if word is Word.COMPLETED else None,
        )

    async def answer(self, responses: Mapping[str, Any]) -> None:
        """Pass over all answers: what a job asks, it asks before it becomes a task."""

    async def cancel(self) -> None:
        """Ask the provider to stop the job; one that has ended stays as it is."""
        await self.task.cancel()
