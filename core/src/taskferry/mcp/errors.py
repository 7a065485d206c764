"""What went wrong in a tool call, as a result that says what was billed and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from mcp_types import CallToolResult, TextContent

from taskferry.accounts import LivesElsewhere
from taskferry.errors import (
    ArtifactError,
    CostExceeded,
    InvalidParameters,
    LedgerBusy,
    LedgerError,
    MissingKey,
    PluginError,
    ProviderError,
    TaskferryError,
    TaskTaken,
    UnknownName,
    UsageError,
    WireError,
)
from taskferry.text import clean

_MOST_LINES, _LONGEST_LINE = 30, 400
PAYING_TOOL = "submit_task"

_FREE = "This call bills nothing."
_NOT_BILLED = "Nothing was sent and nothing was billed."
_MAYBE_BILLED = "Whether a job was made is not known."
_CHECK_FIRST = "Call list_tasks before submitting anything again, and tell the user."

_NEXT: Sequence[tuple[type[TaskferryError], str]] = (
    (InvalidParameters, "Correct the parameters; list_operations with this operation gives their schema."),
    (UnknownName, "Check the name: list_operations gives the operations, list_tasks the tasks."),
    (MissingKey, "Ask the user to set the key in this server's environment and to restart it."),
    (CostExceeded, "Ask the user for a higher max_cost, or choose a cheaper job."),
    (UsageError, "Change the call as the message says."),
    (TaskTaken, "Call get_task to see how it stands now."),
    (LedgerBusy, "Call list_tasks in a few seconds to see how things stand."),
    (LedgerError, "Tell the user; `taskferry doctor` shows more."),
    (PluginError, "Tell the user; `taskferry doctor` shows more."),
    (ArtifactError, "The job itself is fine and paid for: do not submit it again. Call download_task later."),
    (LivesElsewhere, "Tell the user what has to be set for this server; the provider was not asked."),
    (ProviderError, "Tell the user what the provider said."),
    (WireError, "The provider could not be reached. Call get_task in a minute."),
    (TaskferryError, _CHECK_FIRST),
)


def known_error(tool: str, error: TaskferryError) -> CallToolResult:
    """Report what taskferry raised on purpose."""
    sent_nothing = isinstance(error, UsageError | PluginError)
    message = "\n".join(clean(line, _LONGEST_LINE) for line in str(error).splitlines()[:_MOST_LINES])
    advice = next(words for kind, words in _NEXT if isinstance(error, kind))
    return _result(tool, message, advice if tool != PAYING_TOOL or sent_nothing else _CHECK_FIRST, sent_nothing)


def wrong_arguments(tool: str, problems: Sequence[str]) -> CallToolResult:
    """Report arguments that do not fit the tool."""
    lines = [clean(problem, _LONGEST_LINE) for problem in problems[:_MOST_LINES]]
    message = "\n  ".join([f"{tool} cannot be called like this:", *lines])
    return _result(tool, message, "Correct the arguments; the tool's input schema describes them.", sent_nothing=True)


def unexpected_error(tool: str, error: BaseException | None) -> CallToolResult:
    """Report a defect of ours without its details, which are in the server's log."""
    message = f"taskferry itself failed in {tool} ({type(error).__name__}); its log (stderr) says more."
    return _result(tool, message, _CHECK_FIRST, sent_nothing=False)


def _result(tool: str, message: str, advice: str, sent_nothing: bool) -> CallToolResult:
    """Give the report as text alone: clients hold structured content against the output schema, also of an error."""
    billed = _FREE if tool != PAYING_TOOL else _NOT_BILLED if sent_nothing else _MAYBE_BILLED
    text = f"{message}\n{billed}\nNext: {advice}"
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
