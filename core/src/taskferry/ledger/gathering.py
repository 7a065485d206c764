"""What one write puts into which table, worked out before anything is written, so that many can be written at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from taskferry.ledger import history, spending
from taskferry.ledger.record import Record
from taskferry.ledger.rows import (
    Columns,
    artifact_columns,
    look_columns,
    rare_columns,
    reply_columns,
    task_columns,
)
from taskferry.ledger.saving import Save
from taskferry.spend import Reservation

Rows: TypeAlias = "Mapping[str, Sequence[Columns]]"
"""By what is done with them: `tasks` are new; `changes` name a task, the version that it `was` of and what is changed
of its row; `artifacts` come in the place of those of the tasks in `cleared`; `replies` and `settled` spend come in the
place of the task's own; `transitions`, `durations` and `reserved` spend are new."""


def rows_of_new(record: Record, reservation: Reservation | None, now: float) -> Rows | None:
    """Give the rows of a new task, whose caps are checked elsewhere; None where that needs a look at others."""
    spend = spending.row(record, now)
    if spend is None:
        return None
    rows = {
        "tasks": [task_columns(record)],
        "transitions": [_step(None, record, now, Save(record))],
        "reserved": [{**spend, **spending.quantities(reservation)}],
    }
    if record.snapshot.raw is not None or record.create_reply is not None:
        rows["replies"] = [{"task": record.id, **reply_columns(record)}]
    if record.snapshot.artifacts:
        rows["artifacts"] = artifact_columns(record.id, record.snapshot.artifacts)
    return rows


def rows_of_change(before: Record, after: Record, save: Save, now: float) -> Rows | None:
    """Give the rows of a task's next state; None where they depend on what others there are."""
    old, new = before.snapshot, after.snapshot
    rows: dict[str, Sequence[Columns]] = {}
    changes = look_columns(new, old)
    changes["version"] = after.version
    if (
        new.cost is not old.cost
        or new.failure is not old.failure
        or new.trace_ids is not old.trace_ids
        or after.remote is not before.remote
    ):
        changes |= rare_columns(after)
    stepped = old.status is not new.status
    if stepped:
        changes["status"] = new.status.value
    if old.raw is not new.raw or before.create_reply is not after.create_reply:
        rows["replies"] = [{"task": after.id, **reply_columns(after)}]
    if old.artifacts != new.artifacts:
        rows["artifacts"] = artifact_columns(after.id, new.artifacts)
        if old.artifacts:
            rows["cleared"] = [{"task": after.id}]
    if stepped or old.run != new.run or save.note is not None:
        rows["transitions"] = [_step(before, after, now, save)]
    if save.took is not None:
        rows["durations"] = [history.duration(after, save.took)]
    if (stepped and (old.status.terminal or new.status.terminal)) or new.cost != old.cost:
        spend = spending.row(after, now)
        if spend is None:
            return None
        rows["settled"] = [spend]
    return {**rows, "changes": [{"id": after.id, "was": before.version, **changes}]}


def _step(before: Record | None, after: Record, now: float, save: Save) -> Columns:
    status = None if before is None else before.snapshot.status
    return dict(zip(history.STEP, history.step(status, after.snapshot, now, save.note, save.seen), strict=True))
