"""What each tool does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from attrs import frozen

from taskferry.handle import FerryTask
from taskferry.status import Status
from taskferry.text import clean
from taskferry.tools import answers
from taskferry.tools.catalogue import Catalogue
from taskferry.tools.definition import Progress, ToolCall, ToolResult
from taskferry.tools.jobs import Jobs, Order, goes_on

USUAL_WAIT = 25.0
"""Seconds that wait_task waits unless it is told otherwise."""
_MANY = "Call wait_task for one that is under way, get_task for one in full."
_NONE = "There is no such task. generate or submit_task starts one."


class Asked(NamedTuple):
    """One call, its arguments checked against the tool's schema."""

    given: Mapping[str, Any]
    call: ToolCall | None = None
    progress: Progress | None = None


Does: TypeAlias = Callable[[Asked], Awaitable[ToolResult]]


@frozen(kw_only=True)
class Work:
    """Does what tools are called for; raises what the ferry raises."""

    catalogue: Catalogue
    jobs: Jobs
    longest: float
    """Seconds that a call may wait at most."""

    def of(self, name: str) -> Does:
        """Give what a general tool does."""
        table: Mapping[str, Does] = {
            "list_operations": self._list_operations,
            "describe_operation": self._describe_operation,
            "quote": self._quote,
            "generate": lambda asked: self.generate(self._order(asked), asked.progress),
            "submit_task": self._submit,
            "wait_task": self._wait,
            "get_task": self._get,
            "list_tasks": self._list_tasks,
            "download_task": self._download,
            "cancel_task": self._cancel,
        }
        return table[name]

    async def _list_operations(self, asked: Asked) -> ToolResult:
        given = asked.given
        return self.catalogue.listed(given.get("provider"), given.get("kind"), given.get("search"))

    async def _describe_operation(self, asked: Asked) -> ToolResult:
        return self.catalogue.described(asked.given["operation"])

    async def _quote(self, asked: Asked) -> ToolResult:
        operation = self.catalogue.get(asked.given["operation"])
        parameters = self.jobs.roots.admit(operation, asked.given["parameters"])
        return await self.catalogue.quoted(operation.name, parameters)

    def _order(self, asked: Asked) -> Order:
        given = asked.given
        return Order(
            operation=self.catalogue.get(given["operation"]),
            parameters=given["parameters"],
            max_cost=given.get("max_cost"),
            key=given.get("idempotency_key"),
            call=asked.call,
        )

    async def generate(self, order: Order, progress: Progress | None) -> ToolResult:
        """Submit a job and wait for its end as long as a call may."""
        clock = self.jobs.ferry.engine.clock
        end = clock.monotonic() + self.longest
        task = await self.jobs.submit(order)
        left = max(end - clock.monotonic(), 0.0)
        heading = answers.DUPLICATE if task.duplicate else ""
        return await self._to_its_end(task, left, progress, heading, duplicate=task.duplicate)

    async def _submit(self, asked: Asked) -> ToolResult:
        task = await self.jobs.submit(self._order(asked))
        heading = answers.DUPLICATE if task.duplicate else ""
        return answers.of_task(task, heading=heading, duplicate=task.duplicate)

    async def _wait(self, asked: Asked) -> ToolResult:
        task = await self.jobs.find(asked.given["task_id"])
        seconds = min(asked.given.get("timeout_s", USUAL_WAIT), self.longest)
        return await self.finish(task, seconds, asked.progress)

    async def finish(self, task: FerryTask, timeout: float | None, progress: Progress | None) -> ToolResult:
        """Take a task up, wherever it was left, and wait for its end."""
        return await self._to_its_end(await self.jobs.ferry.resume(task.id), timeout, progress)

    async def _to_its_end(
        self, task: FerryTask, timeout: float | None, progress: Progress | None, heading: str = "", **more: Any
    ) -> ToolResult:
        finished = await self.jobs.wait(task, timeout, progress)
        timed_out = not finished and goes_on(task)
        problem = "" if task.problem is None else clean(task.problem)
        said = " ".join(filter(None, (heading, answers.STILL_UNDER_WAY if timed_out else problem)))
        return answers.of_task(task, heading=said, under_way=timed_out, timed_out=timed_out, **more)

    async def _get(self, asked: Asked) -> ToolResult:
        task = await self.jobs.find(asked.given["task_id"])
        await task.refresh()
        return answers.of_task(task)

    async def _list_tasks(self, asked: Asked) -> ToolResult:
        given, ferry = asked.given, self.jobs.ferry
        statuses = [Status(word) for word in given["statuses"]] if "statuses" in given else None
        records = await ferry.recent(
            given.get("limit", 20), statuses=statuses, provider=given.get("provider"), caller=ferry.caller
        )
        return {
            "status": "ok",
            "summary": f"{len(records)} task{'' if len(records) == 1 else 's'}.",
            "tasks": [answers.of_record(record) for record in records],
            "next": _MANY if records else _NONE,
        }

    async def _download(self, asked: Asked) -> ToolResult:
        folder = asked.given.get("folder")
        target = None if folder is None else self.jobs.roots.allow(folder)
        task = await self.jobs.find(asked.given["task_id"])
        if not task.snapshot.status.ok:
            return answers.of_task(task, heading="There are no files to download.")
        artifacts = await task.save(target)
        return answers.of_task(task, paths=[str(artifact.path) for artifact in artifacts])

    async def _cancel(self, asked: Asked) -> ToolResult:
        task = await self.jobs.find(asked.given["task_id"])
        outcome = await task.cancel()
        return answers.of_task(task, heading=answers.CANCELLED[outcome], outcome=outcome.value)
