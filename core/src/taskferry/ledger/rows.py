"""How a record becomes a row of the ledger and comes back exactly as it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from attrs import asdict

from taskferry.cost import Cost
from taskferry.errors import Failure, FailureKind, LedgerCorrupt, LedgerError
from taskferry.ledger.record import Job, Record
from taskferry.status import Status
from taskferry.task import JSON, Artifact, Kind, ProgressSource, Snapshot

Column: TypeAlias = "str | int | float | bytes | None"
Columns: TypeAlias = dict[str, Column]

_BLOBS = frozenset({"raw", "create_reply"})
_LARGEST = 2**63 - 1
_JOB = ("provider", "operation", "generation", "base_url", "account", "caller", "idempotency_key", "max_cost")
_SNAPSHOT = (
    "provider_status", "run", "progress", "eta", "parked", "created_at", "submitted_at", "started_at", "finished_at",
    "looked_at", "next_try_at", "raw",
)  # fmt: skip
_ARTIFACT = ("name", "media_type", "url", "expires_at", "sha256", "size")


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
    return all_storable(columns)


def state_columns(record: Record) -> Columns:
    """Give the part of a row that a save writes."""
    snapshot = record.snapshot
    columns: Columns = {name: getattr(snapshot, name) for name in _SNAPSHOT}
    position = snapshot.queue_position
    columns |= {
        "status": snapshot.status.value,
        "progress_source": snapshot.progress_source.value,
        "queue_position": None if position is None else min(position, _LARGEST),
        "cost_estimated": _decimal_text(snapshot.cost.estimated),
        "cost_actual": _decimal_text(snapshot.cost.actual),
        "cost_unit": snapshot.cost.unit,
        "failure": None if snapshot.failure is None else dumps(asdict(snapshot.failure)),
        "cancel_wanted": int(snapshot.cancel_wanted),
        "trace_ids": dumps(snapshot.trace_ids),
        "remote": remote_column(record.remote),
        "holder": record.holder,
        "version": record.version,
        "create_reply": record.create_reply,
    }
    return all_storable(columns)


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


def to_record(row: Mapping[str, Any], artifacts: Iterable[Mapping[str, Any]]) -> Record:
    """Read a row and its artifacts, in order; raise LedgerCorrupt for values that nothing here wrote."""
    try:
        columns = _readable(row)
        return Record(
            job=_job(columns),
            snapshot=_snapshot(columns, tuple(_artifact(_readable(found)) for found in artifacts)),
            remote=None if columns["remote"] is None else json.loads(columns["remote"]),
            holder=columns["holder"],
            create_reply=columns["create_reply"],
            version=columns["version"],
        )
    except (ValueError, TypeError, ArithmeticError) as error:
        raise LedgerCorrupt(f"The ledger's row of task {row['id']} cannot be read: {error}.") from error


def _job(columns: Mapping[str, Any]) -> Job:
    return Job(
        **{name: columns[name] for name in _JOB},
        parameters=json.loads(columns["parameters"]),
        folder=_path(columns["folder"]),
    )


def _snapshot(columns: Mapping[str, Any], artifacts: tuple[Artifact, ...]) -> Snapshot:
    return Snapshot(
        **{name: columns[name] for name in _SNAPSHOT},
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


def _readable(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) and name not in _BLOBS else value
        for name, value in ((name, row[name]) for name in row.keys())  # noqa: SIM118 -- iterating a Row gives values
    }
