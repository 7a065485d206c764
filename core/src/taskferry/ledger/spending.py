"""What every task holds of the caps: reserved with its row, settled or released with its end."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve

from taskferry.cost import Amount
from taskferry.errors import CostExceeded, FailureKind
from taskferry.ledger.record import Record
from taskferry.ledger.rows import Columns
from taskferry.spend import Cap, Caps, Held, Reservation, Span, Spend, TaskCost, check, report
from taskferry.status import Status

_HELD = "SELECT alike, tasks FROM held WHERE alike >= ?"
"""Days stand first in what is alike, so that its text is in their order: `["2026-11-21",...`"""
_COSTS = """
SELECT spend.task, spend.operation, spend.provider, spend.state, unit, reserved, actual, max_cost
FROM spend JOIN tasks ON tasks.id = spend.task
WHERE state <> 'released' AND unit IS NOT NULL AND day >= :since
  AND (:capped OR max_cost IS NOT NULL)
ORDER BY tasks.created_at DESC
"""
"""Of the tasks alone that have a cap of their own."""
_WAS_UNCONFIRMED = "SELECT 1 FROM transitions WHERE task = ? AND after = 'unconfirmed'"
_SETTLE = """
UPDATE spend SET
    state = :state,
    estimated = CASE WHEN unit IS :unit THEN coalesce(estimated, :estimated) ELSE :estimated END,
    reserved = coalesce(:estimated, CASE WHEN unit IS :unit THEN reserved END, :actual),
    actual = :actual,
    unit = :unit,
    settled_at = coalesce(settled_at, :settled_at)
WHERE task = :task
"""


def day_of(seconds: float) -> str:
    """Give the day in UTC of a time in epoch seconds; every process agrees on it, whatever its time zone."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def reserve(connection: sqlite3.Connection, record: Record, reservation: Reservation | None, now: float) -> None:
    """Reserve what a new task may cost and make, in the transaction that keeps it; raise CostExceeded."""
    columns = {**_columns(connection, record, now), **quantities(reservation)}
    if reservation is not None:
        _check(connection, record, reservation, day_of(now))
    _insert(connection, columns)


def refused(
    connection: sqlite3.Connection, asked: Sequence[tuple[Record, Reservation]], now: float
) -> dict[str, CostExceeded]:
    """Give why which of several new tasks do not fit below a cap, by id; the first ones have what room there is."""
    day, no = day_of(now), dict[str, CostExceeded]()
    capped = [(record, reservation) for record, reservation in asked if reservation.caps.of(record.job.provider)]
    if not capped:
        return no
    others = _held_since(connection, [cap for _, reservation in capped for cap in reservation.caps.caps], day)
    places: dict[Held, int] = {}
    for record, reservation in capped:
        job = record.job
        wanted = reservation.held(job.provider, record.snapshot.cost.known, day)
        try:
            check(job.operation, wanted, reservation.caps, others)
        except CostExceeded as error:
            no[record.id] = error
        else:
            place = places.setdefault(wanted, len(others))
            if place == len(others):
                others.append(wanted)
            else:
                others[place] = evolve(wanted, tasks=others[place].tasks + 1)
    return no


def quantities(reservation: Reservation | None) -> Columns:
    """Give the part of a new row that says what the task makes."""
    if reservation is None:
        return {}
    quantity = reservation.quantity
    return {
        "quantity": quantity.count,
        "quantity_unit": quantity.unit,
        "seconds": None if quantity.seconds is None else str(quantity.seconds),
    }


def settle(connection: sqlite3.Connection, record: Record, now: float) -> None:
    """Follow a task whose cost became known, or which ended: it keeps or gives back what it had reserved."""
    columns = _columns(connection, record, now)
    if connection.execute(_SETTLE, columns).rowcount == 0:  # a process of an older version kept the task
        _insert(connection, columns)


def spend(connection: sqlite3.Connection, caps: Caps, now: float, days: int, provider: str | None) -> Spend:
    """Give what the tasks of the last days come to, today among them, and how every cap stands."""
    today = day_of(now)
    since = (date.fromisoformat(today) - timedelta(days=days - 1)).isoformat()
    first = "" if any(cap.span is Span.TOTAL for cap in caps.caps) else since
    return report(
        _all_held(connection, first), _costs(connection, since, caps), caps, today=today, since=since, provider=provider
    )


def held(connection: sqlite3.Connection, caps: Sequence[Cap], now: float) -> list[Held]:
    """Give what tasks hold of the caps, today or in all, as the caps ask."""
    return _held_since(connection, caps, day_of(now))


def _held_since(connection: sqlite3.Connection, caps: Sequence[Cap], day: str) -> list[Held]:
    spans = {cap.span for cap in caps}
    if Span.TOTAL in spans:
        return _all_held(connection, "")
    return _all_held(connection, day) if Span.DAY in spans else []


def _all_held(connection: sqlite3.Connection, since: str) -> list[Held]:
    return [_held(json.loads(row["alike"]), row["tasks"]) for row in connection.execute(_HELD, (f'["{since}"',))]


def _held(alike: list[Any], tasks: int) -> Held:
    day, provider, state, unit, reserved, actual, quantity, quantity_unit, seconds = alike
    return Held(
        day=day,
        provider=provider,
        settled=state == "settled",
        amount=_amount({"state": state, "unit": unit, "reserved": reserved, "actual": actual}),
        unit=unit,
        told=actual is not None,
        quantity=quantity,
        quantity_unit=quantity_unit,
        seconds=None if seconds is None else Decimal(seconds),
        tasks=tasks,
    )


def _costs(connection: sqlite3.Connection, since: str, caps: Caps) -> list[TaskCost]:
    wanted = {"since": since, "capped": any(cap.span is Span.TASK for cap in caps.caps)}
    return [
        TaskCost(
            task_id=row["task"],
            operation=row["operation"],
            provider=row["provider"],
            cost=Amount(value=amount, unit=row["unit"]),
            max_cost=row["max_cost"],
        )
        for row in connection.execute(_COSTS, wanted)
        if (amount := _amount(row)) is not None
    ]


def _check(connection: sqlite3.Connection, record: Record, reservation: Reservation, day: str) -> None:
    job, caps = record.job, reservation.caps
    others = _held_since(connection, caps.of(job.provider), day)
    check(job.operation, reservation.held(job.provider, record.snapshot.cost.known, day), caps, others)


def row(record: Record, now: float) -> Columns | None:
    """Give a task's row, without its quantities; None where the task's history decides about it."""
    free = is_free(record)
    return None if free is None else _row(record, now, free=free)


def _columns(connection: sqlite3.Connection, record: Record, now: float) -> Columns:
    free = is_free(record)
    if free is None:  # it was given up: it may be billed all the same, unless that was proven never to have been made
        free = connection.execute(_WAS_UNCONFIRMED, (record.id,)).fetchone() is None
    return _row(record, now, free=free)


def _row(record: Record, now: float, *, free: bool) -> Columns:
    snapshot = record.snapshot
    cost, ended = snapshot.cost, snapshot.status.terminal
    return {
        "task": record.id,
        "day": day_of(now),
        "provider": _valid(snapshot.provider),
        "operation": _valid(snapshot.operation),
        "state": "released" if free else "settled" if ended else "reserved",
        "unit": None if cost.unit is None else _valid(cost.unit),
        "estimated": _text(cost.estimated),
        "reserved": _text(cost.actual if cost.estimated is None else cost.estimated),
        "actual": _text(cost.actual),
        "quantity": None,
        "quantity_unit": None,
        "seconds": None,
        "settled_at": now if ended else None,
    }


def is_free(record: Record) -> bool | None:
    """Tell whether a task has ended in a way that costs nothing for certain; None where its history decides.

    A failed, moderated, expired or cancelled job costs nothing only if the provider says that it took nothing: some
    bill those too. An unconfirmed job that the user gave up may still be billed.
    """
    snapshot = record.snapshot
    if snapshot.status is Status.REFUSED:
        failure = snapshot.failure
        return True if failure is None or failure.kind is not FailureKind.NOT_SENT or failure.retryable else None
    if snapshot.status is Status.CANCELLED and record.remote is None:
        return True
    return snapshot.status.terminal and not snapshot.status.ok and snapshot.cost.actual == 0


def _insert(connection: sqlite3.Connection, columns: Columns) -> None:
    names, places = ", ".join(columns), ", ".join(f":{name}" for name in columns)
    connection.execute(f"INSERT INTO spend ({names}) VALUES ({places})", columns)  # noqa: S608 -- names, not values


def _amount(row: Mapping[str, Any]) -> Decimal | None:
    """Give what counts: the actual amount once a task has ended, and before that the larger one."""
    reserved, actual = (None if row[name] is None else Decimal(row[name]) for name in ("reserved", "actual"))
    if row["unit"] is None or actual is None:
        return None if row["unit"] is None else reserved
    return actual if row["state"] == "settled" or reserved is None else max(reserved, actual)


def _valid(text: str) -> str:
    """Replace what is not valid Unicode, which SQLite takes neither as text nor into JSON."""
    return text.encode("utf-8", "replace").decode()


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
