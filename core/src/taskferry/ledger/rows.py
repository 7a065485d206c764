"""How a record becomes a row of the ledger and comes back exactly as it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeAlias

from attrs import asdict

from taskferry.cost import Cost
from taskferry.errors import Failure, FailureKind, LedgerCorrupt, LedgerError
from taskferry.ledger.record import Choice, Job, Record
from taskferry.status import Status
from taskferry.task import JSON, Artifact, Kind, ProgressSource, Snapshot
from taskferry.text import clean

Column: TypeAlias = "str | int | float | bytes | None"
Columns: TypeAlias = dict[str, Column]

_LARGEST = 2**63 - 1
_JOB = ("provider", "operation", "generation", "base_url", "account", "caller", "idempotency_key", "max_cost")
_NUMBERS = (
    "run", "progress", "eta", "submitted_at", "started_at", "finished_at", "looked_at", "next_try_at",
)  # fmt: skip
_TEXTS = ("provider_status", "parked", "look_problem")
_SNAPSHOT = (*_NUMBERS, *_TEXTS, "created_at")
_ARTIFACT = ("name", "media_type", "url", "expires_at", "sha256", "size")

LOOK_COLUMNS = (*_NUMBERS, *_TEXTS, "progress_source", "queue_position", "cancel_wanted")
"""What any look may change: short values that no index has; named as in a snapshot."""
REPLY_COLUMNS = ("raw", "create_reply")
"""Kept in a table of their own, so that a row stays short and is rewritten cheaply."""

_look = attrgetter(*LOOK_COLUMNS)


def dumps(value: JSON | Mapping[str, Any]) -> str:
    """Write JSON so that equal values give equal text; raise LedgerError for what is not plain JSON."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
    except (TypeError, ValueError) as error:
        raise LedgerError(f"This cannot be kept, because it is not plain JSON: {error}.") from error


def job_columns(job: Job) -> Columns:
    """Give the part of a row that never changes."""
    columns: Columns = {name: getattr(job, name) for name in _JOB}
    columns["parameters"] = dumps(job.parameters)
    columns["folder"] = None if job.folder is None else str(job.folder)
    columns["choice"] = None if job.choice is None else dumps(asdict(job.choice))
    return all_storable(columns)


def task_columns(record: Record) -> Columns:
    """Give the whole row of a new task."""
    fixed: Columns = {"id": record.id, "created_at": record.snapshot.created_at}
    return {**fixed, **job_columns(record.job), **state_columns(record)}


def look_columns(snapshot: Snapshot, before: Snapshot | None = None) -> Columns:
    """Give what stands in `LOOK_COLUMNS`: all of it, or what is not the same as before."""
    new = _look(snapshot)
    if before is None:
        return {name: _LOOK_VALUES[name](value) for name, value in zip(LOOK_COLUMNS, new, strict=True)}
    old = _look(before)
    return {
        name: _LOOK_VALUES[name](value)
        for name, value, was in zip(LOOK_COLUMNS, new, old, strict=True)
        if value is not was
    }


def state_columns(record: Record) -> Columns:
    """Give the part of a task's row that may change."""
    return {
        **look_columns(record.snapshot),
        **rare_columns(record),
        "status": record.snapshot.status.value,
        "holder": record.holder,
        "version": record.version,
    }


def rare_columns(record: Record) -> Columns:
    """Give what changes once or twice in the life of a task, beside its status."""
    snapshot = record.snapshot
    return {
        **cost_columns(snapshot.cost),
        "failure": None if snapshot.failure is None else storable(dumps(asdict(snapshot.failure))),
        "trace_ids": storable(dumps(snapshot.trace_ids)) if snapshot.trace_ids else "[]",
        "remote": remote_column(record.remote),
    }


def cost_columns(cost: Cost) -> Columns:
    """Give what stands in a row for what a task costs; amounts are text, so that they keep their digits."""
    return {
        "cost_estimated": _decimal_text(cost.estimated),
        "cost_actual": _decimal_text(cost.actual),
        "cost_unit": None if cost.unit is None else storable(cost.unit),
    }


def reply_columns(record: Record) -> Columns:
    """Give what the provider said last, and what it said to the billed call."""
    return {"raw": record.snapshot.raw, "create_reply": record.create_reply}


def remote_column(remote: JSON) -> Column:
    """Write a provider's handle so that it can be compared; None stays none."""
    return None if remote is None else storable(dumps(remote))


def artifact_columns(task_id: str, artifacts: Sequence[Artifact]) -> list[Columns]:
    """Give the rows of a task's artifacts, numbered in their order."""
    return [
        all_storable(
            {name: getattr(artifact, name) for name in _ARTIFACT}
            | {
                "task": task_id,
                "position": position,
                "kind": artifact.kind.value,
                "needs_key": int(artifact.needs_key),
                "path": None if artifact.path is None else str(artifact.path),
            }
        )
        for position, artifact in enumerate(artifacts)
    ]


def storable(value: Column) -> Column:
    """Turn text that is not valid Unicode, as undecodable file names are, into bytes: SQLite takes no such text."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogatepass")
    return value


def all_storable(columns: Mapping[str, Column]) -> Columns:
    """Do so with every value of a row or of a question."""
    return {name: storable(value) for name, value in columns.items()}


def readable(row: Mapping[str, Any]) -> dict[str, Any]:
    """Undo what `storable` did to a row's texts."""
    return {
        name: value.decode("utf-8", "surrogatepass")
        if isinstance(value, bytes) and name not in REPLY_COLUMNS
        else value
        for name, value in ((name, row[name]) for name in row.keys())  # noqa: SIM118 -- iterating a Row gives values
    }


def to_record(row: Mapping[str, Any], artifacts: Iterable[Mapping[str, Any]]) -> Record:
    """Read a row and its artifacts, in order; raise LedgerCorrupt for values that nothing here wrote."""
    try:
        columns = readable(row)
        return Record(
            job=_job(columns),
            snapshot=_snapshot(columns, tuple(_artifact(readable(found)) for found in artifacts)),
            remote=None if columns["remote"] is None else json.loads(columns["remote"]),
            holder=columns["holder"],
            create_reply=columns["create_reply"],
            version=columns["version"],
        )
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        raise LedgerCorrupt(f"The ledger's row of task {row['id']} cannot be read: {clean(error, 300)}.") from error


def _job(columns: Mapping[str, Any]) -> Job:
    return Job(
        **{name: columns[name] for name in _JOB},
        parameters=json.loads(columns["parameters"]),
        folder=_path(columns["folder"]),
        choice=_choice(columns["choice"]),
    )


def _choice(text: str | None) -> Choice | None:
    if text is None:
        return None
    fields = json.loads(text)
    found = Choice(**{**fields, "tried": tuple(fields["tried"])})
    if not all(isinstance(word, str) for word in (found.asked, found.policy, *found.tried)):
        raise TypeError(f"{text[:80]!r} is no choice")
    return found


def _snapshot(columns: Mapping[str, Any], artifacts: tuple[Artifact, ...]) -> Snapshot:
    return Snapshot(
        **{name: columns[name] for name in _SNAPSHOT},
        raw=columns["raw"],
        id=columns["id"],
        provider=columns["provider"],
        operation=columns["operation"],
        status=Status(columns["status"]),
        progress_source=ProgressSource(columns["progress_source"]),
        queue_position=columns["queue_position"],
        artifacts=artifacts,
        cost=Cost(
            estimated=_decimal(columns["cost_estimated"]),
            actual=_decimal(columns["cost_actual"]),
            unit=columns["cost_unit"],
        ),
        failure=_failure(columns["failure"]),
        cancel_wanted=bool(columns["cancel_wanted"]),
        trace_ids=tuple(json.loads(columns["trace_ids"])),
    )


def _artifact(columns: Mapping[str, Any]) -> Artifact:
    return Artifact(
        **{name: columns[name] for name in _ARTIFACT},
        kind=Kind(columns["kind"]),
        needs_key=bool(columns["needs_key"]),
        path=_path(columns["path"]),
    )


def _failure(text: str | None) -> Failure | None:
    if text is None:
        return None
    fields = json.loads(text)
    return Failure(**fields | {"kind": FailureKind(fields["kind"])})


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _decimal_text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _same(value: Any) -> Column:
    found: Column = value
    return found


_LOOK_VALUES: Mapping[str, Callable[[Any], Column]] = {
    **dict.fromkeys(_NUMBERS, _same),
    **dict.fromkeys(_TEXTS, storable),
    "progress_source": attrgetter("value"),
    "queue_position": lambda position: None if position is None else min(position, _LARGEST),
    "cancel_wanted": int,
}
"""How a value of a snapshot is written."""
