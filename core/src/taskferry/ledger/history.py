"""What a task went through, and how long tasks of its kind took."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from attrs import frozen

from taskferry.ledger.bulk import insert_many
from taskferry.ledger.record import Record
from taskferry.ledger.rows import Column, Columns
from taskferry.status import Status
from taskferry.task import Snapshot


@frozen(kw_only=True)
class Transition:
    """One step of a task, or a note on it."""

    at: float
    """Epoch seconds."""
    before: Status | None
    """None for the first: the intent was kept."""
    after: Status
    """The same as before where only a note was made or another run began."""
    run: int
    provider_status: str | None
    note: str | None
    looks: int | None = None
    """How many looks the process that noticed it had made by then; None where no look showed it."""
    late: float | None = None
    """Seconds from the look before to the one that showed it: it happened at most so long before it was noticed."""


@frozen(kw_only=True)
class Duration:
    """How long one task took that succeeded, as far as looks could tell."""

    queue_seconds: float
    """From acceptance to the first look that showed it running; 0 if none did."""
    run_seconds: float
    """From there to the end."""
    half: float | None = None
    """At which part of the run, 0..1, the provider told half of the progress; None where it told none."""


@frozen(kw_only=True)
class Endings:
    """How the tasks of one operation ended, as far as that says something about the provider."""

    succeeded: int = 0
    failed: int = 0
    """Failed or expired at the provider; what was moderated, cancelled or refused is nobody's fault there."""


Took: TypeAlias = "tuple[float, float, float | None]"
"""A duration as it is learned: seconds in the queue, seconds of the run, and the part of the run at half progress."""


class Seen(NamedTuple):
    """By which look a step was noticed."""

    looks: int
    """This process's looks at the task until then."""
    late: float | None
    """Seconds since the look before; None where there was none."""


STEP = ("task", "at", "before", "after", "run", "provider_status", "note", "looks", "late")
"""The columns of a step."""


def model_and_size(parameters: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Give what, beside its operation, decides how long a job takes."""
    model = parameters.get("model")
    size = parameters.get("resolution") or parameters.get("duration")
    return None if model is None else str(model), None if size is None else str(size)


def step(
    before: Status | None, after: Snapshot, at: float, note: str | None, seen: Seen | None = None
) -> tuple[Column, ...]:
    """Give the row of a step in a task's history, in the order of `STEP`."""
    status = None if before is None else before.value
    looks, late = (None, None) if seen is None else seen
    word = _text(after.provider_status)
    return after.id, at, status, after.status.value, after.run, word, _text(note), looks, late


def add_transition(
    connection: sqlite3.Connection,
    before: Status | None,
    after: Snapshot,
    at: float,
    note: str | None,
    seen: Seen | None = None,
) -> None:
    """Append a step to a task's history."""
    insert_many(connection, "transitions", STEP, [step(before, after, at, note, seen)])


def transitions(connection: sqlite3.Connection, task_id: str) -> list[Transition]:
    """Give a task's history, oldest first."""
    rows = connection.execute(
        "SELECT at, before, after, run, provider_status, note, looks, late FROM transitions WHERE task = ?"
        " ORDER BY number",
        (task_id,),
    )
    return [
        Transition(
            **{
                **dict(row),
                "before": None if row["before"] is None else Status(row["before"]),
                "after": Status(row["after"]),
            }
        )
        for row in rows
    ]


def duration(record: Record, took: Took) -> Columns:
    """Give the row of how long a task took."""
    model, size = model_and_size(record.job.parameters)
    shape: Columns = {"operation": record.job.operation, "model": _text(model), "size": _text(size)}
    return shape | dict(zip(("queue_seconds", "run_seconds", "half"), took, strict=True))


def add_duration(connection: sqlite3.Connection, record: Record, took: Took) -> None:
    """Learn how long a task took."""
    columns = duration(record, took)
    insert_many(connection, "durations", tuple(columns), [tuple(columns.values())])


def durations(
    connection: sqlite3.Connection, operation: str, model: str | None, size: str | None, limit: int
) -> list[Duration]:
    """Give the durations of the same operation, model and size, newest first."""
    rows = connection.execute(
        "SELECT queue_seconds, run_seconds, half FROM durations WHERE operation = ? AND model IS ? AND size IS ?"
        " ORDER BY number DESC LIMIT ?",
        (operation, _text(model), _text(size), limit),
    )
    return [Duration(**dict(row)) for row in rows]


def endings(connection: sqlite3.Connection, since: float) -> dict[str, Endings]:
    """Give how the tasks that were asked for since then ended, by operation."""
    rows = connection.execute(
        "SELECT operation, sum(status = 'succeeded') AS succeeded, sum(status IN ('failed', 'expired')) AS failed"
        " FROM tasks WHERE created_at >= ? GROUP BY operation",
        (since,),
    )
    return {row["operation"]: Endings(succeeded=row["succeeded"], failed=row["failed"]) for row in rows}


def _text(value: str | None) -> str | None:
    """Replace what is not valid Unicode, which SQLite does not take; history is for reading."""
    return None if value is None else value.encode("utf-8", "replace").decode()
