"""An account's latest jobs as candidates for one whose create reply was lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from taskferry import Candidate, Reply, Request, dig
from taskferry_tripo.body import body_of, local_files

ROWS = 100
"""As many as one batch read shows; the usage listing itself goes up to 200."""


def usage_rows(reply: Reply, operation: str) -> Sequence[Mapping[str, Any]]:
    """Give the rows of a usage listing that could be a job of an operation: of its type, or of none told.

    The listing is an array according to some sources and an object with `items` according to others.
    """
    return [row for row in _rows(dig(reply.json, "data")) if row.get("type") in (provider_type(operation), None)]


def provider_type(operation: str) -> str:
    """Give Tripo's word for an operation: `text_to_model` for `tripo/text-to-model`."""
    return operation.partition("/")[2].replace("-", "_")


def _rows(data: object) -> Iterator[Mapping[str, Any]]:
    rows = dig(data, "items") if isinstance(data, Mapping) else data
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and isinstance(row.get("task_id"), str) and row["task_id"]:
            yield row


def candidates(rows: Sequence[Mapping[str, Any]], tasks: Mapping[str, Any], request: Request) -> Sequence[Candidate]:
    """Join the rows with the tasks themselves, which know what was asked; the newest first.

    A task that shows another model or another picture than the request's is left out.
    """
    asked = body_of(request)
    telling = [name for name in ("model", "input") if name in asked and name not in local_files(request)]
    found = []
    for row in rows:
        task = tasks.get(row["task_id"])
        shown = [dig(task, f"input.{name}") for name in telling]
        if all(value in (None, asked[name]) for name, value in zip(telling, shown, strict=True)):
            found.append(_candidate(row, task))
    return sorted(found, key=lambda candidate: candidate.created_at or 0.0, reverse=True)


def _candidate(row: Mapping[str, Any], task: object) -> Candidate:
    said = task if isinstance(task, Mapping) else {}
    known = {**row, **{name: value for name, value in said.items() if value is not None}}
    prompt, kind, status = dig(known, "input.prompt"), known.get("type"), known.get("status")
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
