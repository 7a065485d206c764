"""Ids that another command writes: `taskferry submit ... | taskferry wait -`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from taskferry.errors import UsageError

STDIN = "-"


def task_ids(given: Sequence[str]) -> list[str]:
    """Give the ids without repeats, those on stdin in the place of `-`; raise UsageError if none came there."""
    found: dict[str, None] = {}
    for one in given:
        found.update(dict.fromkeys(_read() if one == STDIN else [one]))
    return list(found)


def _read() -> list[str]:
    try:
        text = sys.stdin.read()
    except UnicodeDecodeError as error:
        raise UsageError(f"What came on standard input is no text: {error.reason}.") from error
    ids = list(ids_in(text.removeprefix("\ufeff")))
    if not ids:
        raise UsageError("No task id came on standard input, so there is nothing to wait for.")
    return ids


def ids_in(text: str) -> Iterator[str]:
    """Find ids in plain lines, of which the first word counts, and in documents that `--json` printed."""
    decoder = json.JSONDecoder()
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] == "{":
            try:
                document, at = decoder.raw_decode(text, at)
            except (ValueError, RecursionError) as error:
                raise UsageError(f"What came on standard input is neither ids nor JSON: {error}.") from error
            yield from _of_document(document)
        else:
            line, _, _ = text[at:].partition("\n")
            at += len(line)
            yield line.split()[0]


def _of_document(document: dict[str, Any]) -> Iterator[str]:
    if "taskferry" in document:  # a token, as Python programs hand over
        yield json.dumps(document)
    for row in (*document.get("tasks", ()), *document.get("rows", ())):
        task_id = row.get("id") if isinstance(row, dict) else None
        if isinstance(task_id, str):
            yield task_id
