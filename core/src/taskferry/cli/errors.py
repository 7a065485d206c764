"""An error as people read it, one clear message on stderr, and as scripts read it, a JSON document on stdout."""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from typing import Any

from click.exceptions import ClickException, UsageError

from taskferry.cli import exits, output
from taskferry.cli.batch.bad import BadRows
from taskferry.document import failure_document
from taskferry.errors import InvalidParameters, Problem, ProviderError, TaskferryError


def report(error: TaskferryError, *, as_json: bool) -> int:
    """Show an error that taskferry raised on purpose; give the exit code."""
    output.note(f"Error: {error}")
    if as_json:
        output.document(error_document(error))
    return exits.error_code(error)


def report_usage(error: ClickException, *, as_json: bool) -> int:
    """Show what is wrong with the command line itself; give the exit code."""
    hint = ""
    if isinstance(error, UsageError) and error.ctx is not None:
        hint = f"\nTry `{error.ctx.command_path} --help`."
    output.note(f"Error: {error.format_message()}{hint}")
    if as_json:
        output.document(_document("usage", error.format_message()))
    return exits.USAGE


def report_interrupt(*, as_json: bool) -> int:
    """Say that the command was stopped before there was a job to speak of; give the exit code."""
    output.note("Interrupted. Whatever was submitted is kept: `taskferry list` shows it, `taskferry resume` goes on.")
    if as_json:
        output.document(_document("interrupted", "Interrupted."))
    return exits.INTERRUPTED


def report_defect(error: Exception, *, as_json: bool) -> int:
    """Show a defect of taskferry or of a plugin with what is needed to mend it; give the exit code."""
    output.note("".join(traceback.format_exception(error)).rstrip())
    output.note("This is a defect of taskferry or of a plugin. Jobs are safe in the ledger: see `taskferry list`.")
    if as_json:
        output.document(_document("defect", f"{type(error).__name__}: {error}"))
    return exits.DEFECT


def error_document(error: TaskferryError) -> dict[str, Any]:
    """Give an error as JSON; its kind is the failure's own word, or the error's name in small letters."""
    if isinstance(error, ProviderError):
        found = _document(error.failure.kind.value, str(error))
        found["error"]["failure"] = failure_document(error.failure)
        return found
    problems = error.problems if isinstance(error, InvalidParameters | BadRows) else ()
    return _document(_kind(error), str(error), problems)


def _kind(error: TaskferryError) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()
    return words.removesuffix("_error")


def _document(kind: str, message: str, problems: Sequence[Problem] = ()) -> dict[str, Any]:
    listed = [{"path": problem.path, "value": problem.value, "message": problem.message} for problem in problems]
    return {"error": {"kind": kind, "message": message, "problems": listed}}
