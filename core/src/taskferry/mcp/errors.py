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
_FREE = "This call bills nothing."
_NOT_BILLED = "Nothing was sent and nothing was billed."
_MAYBE_BILLED = "Whether a job was made is not known."
_CHECK_FIRST = "Call list_tasks before submitting anything again, and tell the user."

_NEXT: Sequence[tuple[type[TaskferryError], str, str]] = (
    (
        InvalidParameters,
        "Correct the parameters; describe_operation gives their schema.",
        "Correct the arguments; the tool's input schema describes them.",
    ),
    (
        UnknownName,
        "Check the name: list_operations gives the operations, list_tasks the tasks.",
        "Check the name or the id.",
    ),
    (MissingKey, "Ask the user to set the key in this server's environment and to restart it.", ""),
    (CostExceeded, "Ask the user for a higher max_cost, or choose a cheaper job.", "Ask the user, or make it cheaper."),
    (UsageError, "Change the call as the message says.", ""),
    (TaskTaken, "Call get_task to see how it stands now.", "Ask how the task stands now."),
    (LedgerBusy, "Call list_tasks in a few seconds to see how things stand.", "Ask again in a few seconds."),
    (LedgerError, "Tell the user; `taskferry doctor` shows more.", ""),
    (PluginError, "Tell the user; `taskferry doctor` shows more.", ""),
    (
        ArtifactError,
        "The job itself is fine and paid for: do not submit it again. Call download_task later.",
        "The job itself is fine and paid for: do not ask for it again. Look at it again later.",
    ),
    (LivesElsewhere, "Tell the user what has to be set for this server; the provider was not asked.", ""),
    (ProviderError, "Tell the user what the provider said.", ""),
    (WireError, "The provider could not be reached. Call this again in a minute.", ""),
    (TaskferryError, _CHECK_FIRST, "Tell the user; `taskferry list` shows what exists."),
)
"""What to do, as the native tools can; then for other tools, where that is not the same."""
_LOOK_FIRST = "Do not call it again before the user has looked at `taskferry list`."


def known_error(tool: str, error: TaskferryError, *, pays: bool = False, native: bool = True) -> CallToolResult:
    """Report what taskferry raised on purpose; `pays` for a tool that starts paid jobs, `native` for our own tools."""
    sent_nothing = isinstance(error, UsageError | PluginError)
    message = "\n".join(clean(line, _LONGEST_LINE) for line in str(error).splitlines()[:_MOST_LINES])
    ours, others = next((ours, others) for kind, ours, others in _NEXT if isinstance(error, kind))
    advice = ours if native else others or ours
    return _result(message or tool, advice if sent_nothing or not pays else _check_first(native), pays, sent_nothing)


def wrong_arguments(tool: str, problems: Sequence[str], *, pays: bool = False) -> CallToolResult:
    """Report arguments that do not fit the tool."""
    lines = [clean(problem, _LONGEST_LINE) for problem in problems[:_MOST_LINES]]
    message = "\n  ".join([f"{tool} cannot be called like this:", *lines])
    return _result(message, "Correct the arguments; the tool's input schema describes them.", pays, True)


def unexpected_error(
    tool: str, error: BaseException | None, *, pays: bool = False, native: bool = True
) -> CallToolResult:
    """Report a defect of ours without its details, which are in the server's log."""
    message = f"taskferry itself failed in {tool} ({type(error).__name__}); its log (stderr) says more."
    return _result(message, _check_first(native), pays, False)


def declined(price: str) -> CallToolResult:
    """Report that the user did not agree to a job's price."""
    message = f"The user was asked and did not agree to this job ({price})."
    return _result(message, "Do not send it again unchanged; ask the user what they want instead.", True, True)


def _check_first(native: bool) -> str:
    return _CHECK_FIRST if native else _LOOK_FIRST


def _result(message: str, advice: str, pays: bool, sent_nothing: bool) -> CallToolResult:
    """Give the report as text alone: clients hold structured content against the output schema, also of an error."""
    billed = _FREE if not pays else _NOT_BILLED if sent_nothing else _MAYBE_BILLED
    text = f"{message}\n{billed}\nNext: {advice}"
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
