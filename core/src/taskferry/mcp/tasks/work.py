"""What stands behind a protocol task, as the extension needs it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from attrs import frozen
from mcp.server.context import CallNext, HandlerResult
from mcp_types import CallToolRequestParams, CallToolResult, ErrorData, InputRequest

from taskferry.mcp.state import RequestContext


class Word(StrEnum):
    """The protocol's word for how a task stands."""

    WORKING = "working"
    INPUT_REQUIRED = "input_required"
    COMPLETED = "completed"
    """Also for a job that failed: its result says so."""
    FAILED = "failed"
    """Only for an error of the protocol."""
    CANCELLED = "cancelled"


@frozen(kw_only=True)
class State:
    """How a task stands."""

    task_id: str
    word: Word
    created_at: float
    """Epoch seconds."""
    updated_at: float
    poll_after_ms: int | None = None
    message: str | None = None
    result: CallToolResult | None = None
    """What the plain call would have given; for a completed task alone."""
    error: ErrorData | None = None
    """For a failed task alone."""
    inputs: Mapping[str, InputRequest] | None = None
    """What the client is asked; for a task that requires input alone."""

    def begun(self) -> dict[str, Any]:
        """Give the protocol's Task, which answers the call that began it."""
        wire: dict[str, Any] = {
            "taskId": self.task_id,
            "status": self.word.value,
            "createdAt": _iso(self.created_at),
            "lastUpdatedAt": _iso(self.updated_at),
            "ttlMs": None,
        }
        if self.poll_after_ms is not None:
            wire["pollIntervalMs"] = self.poll_after_ms
        if self.message is not None:
            wire["statusMessage"] = self.message
        return wire

    def detailed(self) -> dict[str, Any]:
        """Give the protocol's DetailedTask, with result, error or questions."""
        wire = self.begun()
        if self.result is not None:
            wire["result"] = _plain(self.result)
        if self.error is not None:
            wire["error"] = _plain(self.error)
        if self.inputs is not None:
            wire["inputRequests"] = {key: _plain(request) for key, request in self.inputs.items()}
        return wire


class Work(Protocol):
    """One piece of work, found again in any process."""

    async def state(self) -> State:
        """Look at it, throttled, and say how it stands."""
        ...

    async def answer(self, responses: Mapping[str, Any]) -> None:
        """Take answers to what it asked; others are passed over."""
        ...

    async def cancel(self) -> None:
        """Wish for its end; one that has ended stays as it is."""
        ...


class Source(Protocol):
    """Where work comes from."""

    def takes(self, tool: str) -> bool:
        """Tell whether calls of a tool are for this source to begin."""
        ...

    @property
    def required(self) -> Collection[str]:
        """Name the tools that can be called only by clients that take tasks."""
        ...

    async def begin(
        self, params: CallToolRequestParams, request: RequestContext, call_next: CallNext, *, as_task: bool
    ) -> Work | HandlerResult:
        """Begin work, durably, if `as_task`; otherwise, or when it is over at once, give the plain result."""
        ...

    async def find(self, task_id: str, request: RequestContext) -> Work | None:
        """Give the caller's work of exactly this id."""
        ...


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: Any) -> dict[str, Any]:
    dumped: dict[str, Any] = value.model_dump(by_alias=True, mode="json", exclude_none=True)
    return dumped
