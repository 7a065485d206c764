"""A failed tool call as a result of the protocol."""

from __future__ import annotations

from collections.abc import Sequence

from mcp_types import CallToolResult, TextContent

from taskferry.errors import TaskferryError
from taskferry.tools import mishaps
from taskferry.tools.mishaps import Mishap


def known_error(tool: str, error: TaskferryError, *, pays: bool = False, native: bool = True) -> CallToolResult:
    """Report what taskferry raised on purpose; `pays` for a tool that starts paid jobs, `native` for our own tools."""
    return _result(mishaps.known_mishap(tool, error, pays=pays, native=native))


def wrong_arguments(tool: str, problems: Sequence[str], *, pays: bool = False) -> CallToolResult:
    """Report arguments that do not fit the tool."""
    return _result(mishaps.wrong_arguments(tool, problems, pays=pays))


def unexpected_error(
    tool: str, error: BaseException | None, *, pays: bool = False, native: bool = True
) -> CallToolResult:
    """Report a defect of ours without its details, which are in the server's log."""
    return _result(mishaps.unexpected_mishap(tool, error, pays=pays, native=native))


def declined(price: str) -> CallToolResult:
    """Report that the user did not agree to a job's price."""
    return _result(mishaps.declined(price))


def _result(mishap: Mishap) -> CallToolResult:
    """Give the report as text alone: clients hold structured content against the output schema, also of an error."""
    return CallToolResult(content=[TextContent(type="text", text=str(mishap))], is_error=True)
