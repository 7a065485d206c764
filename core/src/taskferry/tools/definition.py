"""What a tool is, whatever framework offers it to a model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeAlias

from attrs import field, frozen

from taskferry.task import Snapshot

ToolResult: TypeAlias = dict[str, Any]
"""Plain JSON values, small enough for a model's context.

Always: `status` (a task's, or `error` or `ok`), `summary` (a sentence or two) and `next` (what to do). Of a task also
`task_id`, `operation`, `paths` (kept files), `cost` and `billed`; `token` only while the job goes on by itself, so that
`Toolbox.finish` of any process can go on with it. Of an error: `error` with its kind, message and problems.
"""
Progress: TypeAlias = Callable[[Snapshot], None]
"""Told every change of a task while a call waits for it; has to be quick."""


@frozen(kw_only=True)
class ToolCall:
    """One call of one tool by a model, so that the same call carried out again is no second job."""

    run_id: str
    """The framework's name for the run, thread or conversation."""
    call_id: str
    """The model's name for the call."""

    def key(self, operation: str, parameters: Mapping[str, Any]) -> str:
        """Give the idempotency key of a job that this call asks for."""
        asked = json.dumps([operation, parameters], sort_keys=True, default=str)
        return f"{self.prefix}{self.call_id}/{hashlib.sha256(asked.encode()).hexdigest()[:16]}"

    @property
    def prefix(self) -> str:
        """Give how every key of the run begins."""
        return f"{self.run_id}/"


@frozen(kw_only=True)
class Effects:
    """What calling a tool can do, in the words of the Model Context Protocol's hints."""

    read_only: bool = False
    pays: bool = False
    """Whether it can start a job that is billed."""
    idempotent: bool = True
    """Whether a second call with the same arguments changes nothing more."""
    destructive: bool = False
    open_world: bool = True
    """Whether it can reach a provider."""


class Runs(Protocol):
    """Who carries out the calls of a tool."""

    def call(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        call: ToolCall | None = None,
        progress: Progress | None = None,
    ) -> Awaitable[ToolResult]:
        """Carry out one call."""
        ...

    def call_sync(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        call: ToolCall | None = None,
        progress: Progress | None = None,
    ) -> ToolResult:
        """Do so without await."""
        ...


@frozen(kw_only=True)
class ToolDefinition:
    """One tool as a framework needs it: what a model reads about it, and how it is called."""

    name: str
    """Letters, digits and underscores, 64 at most."""
    title: str
    description: str
    """What the model reads."""
    parameters: Mapping[str, Any]
    """JSON Schema 2020-12 of an object."""
    effects: Effects
    operation: str | None = None
    """The operation that it stands for; None for a tool that is told one."""
    runs: Runs = field(repr=False, eq=False)
    """The toolbox that it belongs to."""

    async def call(
        self, arguments: Mapping[str, Any], *, call: ToolCall | None = None, progress: Progress | None = None
    ) -> ToolResult:
        """Carry out one call, from any event loop; what goes wrong is a result, too."""
        return await self.runs.call(self.name, arguments, call=call, progress=progress)

    def call_sync(
        self, arguments: Mapping[str, Any], *, call: ToolCall | None = None, progress: Progress | None = None
    ) -> ToolResult:
        """Do the same without await, from any thread but that of the ferry's loop."""
        return self.runs.call_sync(self.name, arguments, call=call, progress=progress)
