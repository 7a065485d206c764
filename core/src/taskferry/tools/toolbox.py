"""The tools of one ferry: the same few for every framework, each call bounded, each failure a result."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from taskferry.errors import InvalidParameters, TaskferryError, UnknownName
from taskferry.ferry import Ferry
from taskferry.operation import Operation, Typical
from taskferry.parameters import validate
from taskferry.sync import Ferry as SyncFerry
from taskferry.task import Kind
from taskferry.tools import answers, mishaps
from taskferry.tools.bridge import Bridge
from taskferry.tools.catalogue import Catalogue
from taskferry.tools.definition import Effects, Progress, ToolCall, ToolDefinition, ToolResult
from taskferry.tools.jobs import Jobs, OnCancel, Order
from taskferry.tools.roots import Roots
from taskferry.tools.schemas import PLANS, schema_of, tool_name
from taskferry.tools.texts import describe
from taskferry.tools.work import Asked, Work

_log = logging.getLogger(__name__)
Arguments: TypeAlias = Mapping[str, Any]


class Toolbox:
    """The tools of one open ferry, for any agent framework."""

    def __init__(
        self,
        ferry: Ferry | SyncFerry,
        *,
        operations: Sequence[str] | None = None,
        per_operation: bool = False,
        max_cost: str | None = None,
        allow_unpriced: bool = False,
        working: str | Path | None = None,
        longest_wait: float = 45.0,
        on_cancel: OnCancel = "detach",
    ) -> None:
        """Say which operations a model may use, and within which bounds.

        `operations` are full names or whole providers as `acme/*`, all if left out; `per_operation` adds one tool for
        each (`acme_text_to_image`) with the operation's own schema. `max_cost` holds for each job, whatever a model
        asks for; `allow_unpriced` lets jobs of unknown price pass. Local files are read and written below `working`
        alone, by default the working folder. A call comes back after `longest_wait` seconds however far the job is.
        `on_cancel` says what becomes of the job when a waiting call is cancelled: it goes on, or is cancelled, too. A
        model sees the tasks of the ferry's caller alone: use `ferry.for_caller` to keep users apart. An async ferry has
        to be open already, and belongs to the loop in which the toolbox is made.
        """
        behind = ferry.behind if isinstance(ferry, SyncFerry) else ferry
        self._bridge = Bridge(ferry.loop if isinstance(ferry, SyncFerry) else asyncio.get_running_loop())
        self._longest = longest_wait
        self._catalogue = Catalogue(behind, operations)
        folder = Path.cwd() if working is None else Path(working).expanduser().absolute()
        self._jobs = Jobs(
            ferry=behind,
            roots=Roots(working=folder, home=behind.home),
            max_cost=max_cost,
            allow_unpriced=allow_unpriced,
            on_cancel=on_cancel,
        )
        self._definitions = {one.name: one for one in self._general()}
        self._work = Work(catalogue=self._catalogue, jobs=self._jobs, longest=longest_wait)
        if per_operation:
            self._definitions |= {one.name: one for one in map(self._single, self._catalogue.all())}

    @property
    def definitions(self) -> Sequence[ToolDefinition]:
        """Give every tool, in the order in which a job needs them.

        list_operations, describe_operation, quote, generate, submit_task, wait_task, get_task, list_tasks,
        download_task, cancel_task; then those of single operations.
        """
        return tuple(self._definitions.values())

    def definition(self, name: str) -> ToolDefinition:
        """Give one tool; raise UnknownName."""
        if name not in self._definitions:
            raise UnknownName("tool", name, self._definitions, f"There are: {', '.join(self._definitions)}.")
        return self._definitions[name]

    async def call(
        self, name: str, arguments: Arguments, *, call: ToolCall | None = None, progress: Progress | None = None
    ) -> ToolResult:
        """Carry out one call, from any event loop; what goes wrong is a result that says what to change."""
        return await self._bridge.run(partial(self._answer, name, arguments, call), progress)

    def call_sync(
        self, name: str, arguments: Arguments, *, call: ToolCall | None = None, progress: Progress | None = None
    ) -> ToolResult:
        """Do the same without await, from any thread but that of the ferry's loop."""
        return self._bridge.run_sync(partial(self._answer, name, arguments, call), progress)

    async def finish(self, token: str, *, timeout: float | None = None, progress: Progress | None = None) -> ToolResult:
        """Go on with a job from the `token` of a result, in any process; give the result at its end.

        Without `timeout` it waits as long as the job takes. A result that has a `token` again is still under way.
        """
        return await self._bridge.run(partial(self._finished, token, timeout), progress)

    def finish_sync(self, token: str, *, timeout: float | None = None, progress: Progress | None = None) -> ToolResult:
        """Do the same without await."""
        return self._bridge.run_sync(partial(self._finished, token, timeout), progress)

    def _general(self) -> Sequence[ToolDefinition]:
        return [
            ToolDefinition(
                name=name,
                title=plan.title,
                description=describe(name, self._longest),
                parameters=schema_of(plan, self._longest),
                effects=plan.effects,
                runs=self,
            )
            for name, plan in PLANS.items()
        ]

    def _single(self, operation: Operation) -> ToolDefinition:
        price = f" It costs {operation.price}." if operation.price else ""
        return ToolDefinition(
            name=tool_name(operation),
            title=operation.title,
            description=(
                f"{operation.title}. {operation.description} This costs money: the user's account is billed.{price} "
                f"If it takes longer than {self._longest:.0f} s the job goes on: call wait_task with its task_id."
            ),
            parameters=operation.parameters,
            effects=Effects(pays=True, idempotent=False),
            operation=operation.name,
            runs=self,
        )

    async def _answer(
        self, name: str, arguments: Arguments, call: ToolCall | None, progress: Progress | None
    ) -> ToolResult:
        pays = name in self._definitions and self._definitions[name].effects.pays

        async def answered() -> ToolResult:
            definition = self.definition(name)
            if definition.operation is not None:
                order = Order(operation=self._catalogue.get(definition.operation), parameters=arguments, call=call)
                return await self._work.generate(order, progress)
            given, wrong = _checked(definition, arguments)
            if wrong:
                return answers.of_mishap(mishaps.wrong_arguments(name, wrong, pays=pays))
            return await self._work.of(name)(Asked(given, call, progress))

        return await _mishaps_told(name, answered, pays=pays)

    async def _finished(self, token: str, timeout: float | None, progress: Progress | None) -> ToolResult:
        async def answered() -> ToolResult:
            return await self._work.finish(await self._jobs.find(token), timeout, progress)

        return await _mishaps_told("finish", answered, pays=False)


async def _mishaps_told(name: str, work: Callable[[], Awaitable[ToolResult]], *, pays: bool) -> ToolResult:
    """Do the work; give whatever goes wrong as a result."""
    try:
        return await work()
    except TaskferryError as error:
        return answers.of_mishap(mishaps.known_mishap(name, error, pays=pays), error)
    except Exception as error:  # noqa: BLE001 -- a run of a framework must not end by a defect of ours
        _log.exception("The tool %s failed unexpectedly.", name)
        return answers.of_mishap(mishaps.unexpected_mishap(name, error, pays=pays))


def _checked(definition: ToolDefinition, arguments: Arguments) -> tuple[Arguments, Sequence[str]]:
    """Give the arguments without those that are None, and what is wrong with them."""
    tool = Operation(
        name=definition.name,
        title=definition.title,
        description=definition.description,
        kind=Kind.OTHER,
        parameters=definition.parameters,
        typical=Typical(median=0, slow=0),
    )
    try:
        return validate(tool, arguments), ()
    except InvalidParameters as error:
        return {}, [str(problem) for problem in error.problems]
