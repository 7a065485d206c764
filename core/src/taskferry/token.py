"""Tokens: what one process hands to another so that it can go on with a task."""

from __future__ import annotations

import json

from taskferry.errors import UsageError

VERSION = 1


def read_token(text: str) -> str:
    """Give the task id that a token, or a plain id, names; raise UsageError for a token of another version."""
    plain = str(text).strip()
    if not plain.startswith("{"):
        return plain
    try:
        token = json.loads(plain)
        version, task = token["taskferry"], token["task"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{plain[:80]!r} is neither a task id nor a token.") from error
    if version != VERSION or not isinstance(task, str):
        raise UsageError(f"The token is of version {version!r}; this taskferry reads version {VERSION}.")
    return task
