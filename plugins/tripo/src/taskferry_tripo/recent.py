"""An account's latest jobs as candidates for one whose create reply was lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from taskferry import Candidate, Reply, Request, dig, local_file
from taskferry_tripo.operations import CAPABILITIES

ROWS = 100
"""As many as one batch read shows; the usage listing itself goes up to 200."""
_TELLING = ("model", "input", "format", "animation", "rig_type", "seg_type")
"""What tells jobs apart that have no prompt."""


def usage_rows(reply: Reply, operation: str) -> Sequence[Mapping[str, Any]]:
    """Give the rows of a usage listing that could be a job of an operation: of one of its types, or of none told.

    The listing is an array according to some sources and an object with `items` according to others.
    """
    types = (*CAPABILITIES[operation].types, None)
    return [row for row in _rows(dig(reply.json, "data")) if row.get("type") in types]


def _rows(data: object) -> Iterator[Mapping[str, Any]]:
    rows = dig(data, "items") if isinstance(data, Mapping) else data
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and isinstance(row.get("task_id"), str) and row["task_id"]:
            yield row


def candidates(rows: Sequence[Mapping[str, Any]], tasks: Mapping[str, Any], request: Request) -> Sequence[Candidate]:
    """Join the rows with the tasks themselves, which know what was asked; the newest first.

    A task that shows another model, source or format than the request's is left out.
    """
    asked = CAPABILITIES[request.operation.name].body(request.parameters)
    # A file that was uploaded shows as a token, which went with the lost reply.
    telling = {name: asked[name] for name in _TELLING if name in asked and local_file(asked[name]) is None}
    found = []
    for row in rows:
        task = tasks.get(row["task_id"])
        if all(_says_nothing_else(dig(task, f"input.{name}"), value) for name, value in telling.items()):
            found.append(_candidate(row, task))
    return sorted(found, key=lambda candidate: candidate.created_at or 0.0, reverse=True)


def _says_nothing_else(shown: object, asked: object) -> bool:
    return not isinstance(shown, str) or shown == asked


def _candidate(row: Mapping[str, Any], task: object) -> Candidate:
    said = task if isinstance(task, Mapping) else {}
    known = {**row, **{name: value for name, value in said.items() if value is not None}}
    prompt = dig(known, "input.prompt") or dig(known, "input.texture_prompt.text")
    kind, status = known.get("type"), known.get("status")
    return Candidate(
        remote={"task_id": row["task_id"]},
        created_at=_seconds(known.get("created_at")),
        prompt=prompt if isinstance(prompt, str) else None,
        provider_type=kind if isinstance(kind, str) else None,
        provider_status=status if isinstance(status, str) else None,
    )


def _seconds(value: object) -> float | None:
    """Read an ISO time, in UTC unless it says otherwise."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
