"""What went wrong in a tool call, in words that say what was billed and what to do next."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

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
_LOOK_FIRST = "Do not call it again before the user has looked at `taskferry list`."
CORRECT = "Correct the arguments; the tool's input schema describes them."

_NEXT: Sequence[tuple[type[TaskferryError], str, str]] = (
    (
        InvalidParameters,
        "Correct the parameters; describe_operation gives their schema.",
        CORRECT,
    ),
    (
        UnknownName,
        "Check the name: list_operations gives the operations, list_tasks the tasks.",
        "Check the name or the id.",
    ),
    (MissingKey, "Ask the user to set the key in this program's environment and to restart it.", ""),
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
    (LivesElsewhere, "Tell the user what has to be set for this program; the provider was not asked.", ""),
    (ProviderError, "Tell the user what the provider said.", ""),
    (WireError, "The provider could not be reached. Call this again in a minute.", ""),
    (TaskferryError, _CHECK_FIRST, "Tell the user; `taskferry list` shows what exists."),
)
"""What to do, as our own tools can; then for other tools, where that is not the same."""


@frozen(kw_only=True)
class Mishap:
    """A failed call."""

    kind: str
    """The error's name in small letters, or the failure's own word: `invalid_parameters`, `cost_exceeded`."""
    message: str
    """What happened, on bounded lines."""
    billed: str
    next: str
    """What to do."""

    def __str__(self) -> str:
        return f"{self.message}\n{self.billed}\nNext: {self.next}"


def known_mishap(tool: str, error: TaskferryError, *, pays: bool = False, native: bool = True) -> Mishap:
    """Tell what taskferry raised on purpose; `pays` for a tool that starts paid jobs, `native` for our own tools."""
    sent_nothing = isinstance(error, UsageError | PluginError)
    message = "\n".join(clean(line, _LONGEST_LINE) for line in str(error).splitlines()[:_MOST_LINES])
    ours, others = next((ours, others) for kind, ours, others in _NEXT if isinstance(error, kind))
    advice = ours if native else others or ours
    return Mishap(
        kind=error.failure.kind.value if isinstance(error, ProviderError) else _kind(error),
        message=message or tool,
        billed=_billed(pays=pays, sent_nothing=sent_nothing),
        next=advice if sent_nothing or not pays else check_first(native),
    )


def wrong_arguments(tool: str, problems: Sequence[str], *, pays: bool = False) -> Mishap:
    """Tell of arguments that do not fit the tool."""
    lines = [clean(problem, _LONGEST_LINE) for problem in problems[:_MOST_LINES]]
    return Mishap(
        kind="invalid_arguments",
        message="\n  ".join([f"{tool} cannot be called like this:", *lines]),
        billed=_billed(pays=pays, sent_nothing=True),
        next=CORRECT,
    )


def unexpected_mishap(tool: str, error: BaseException | None, *, pays: bool = False, native: bool = True) -> Mishap:
    """Tell of a defect of ours without its details, which are in the log."""
    return Mishap(
        kind="defect",
        message=f"taskferry itself failed in {tool} ({type(error).__name__}); its log (stderr) says more.",
        billed=_billed(pays=pays, sent_nothing=False),
        next=check_first(native),
    )


def declined(price: str) -> Mishap:
    """Tell that the user did not agree to a job's price."""
    return Mishap(
        kind="declined",
        message=f"The user was asked and did not agree to this job ({price}).",
        billed=_NOT_BILLED,
        next="Do not send it again unchanged; ask the user what they want instead.",
    )


def check_first(native: bool) -> str:
    """Say how to find out what exists before anything is sent again."""
    return _CHECK_FIRST if native else _LOOK_FIRST


def _billed(*, pays: bool, sent_nothing: bool) -> str:
    return _FREE if not pays else _NOT_BILLED if sent_nothing else _MAYBE_BILLED


def _kind(error: TaskferryError) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()
    return words.removesuffix("_error")
