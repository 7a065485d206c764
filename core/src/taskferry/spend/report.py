"""What was spent and reserved, by day and provider, and what is left of every cap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from attrs import field, frozen

from taskferry.cost import Amount
from taskferry.spend.caps import EXACT, Cap, Caps, Span, total
from taskferry.spend.held import Held, spent_and_reserved, uncounted
from taskferry.spend.quantity import SECONDS


@frozen(kw_only=True)
class SpendLine:
    """What the tasks of one day and provider come to in one unit; amounts of unknown price are None, never zero."""

    day: str
    """In UTC, as `2026-11-21`: when the tasks were asked for."""
    provider: str
    unit: str | None
    """None for tasks whose price nobody knows."""
    tasks: int
    reserved: Decimal | None
    """For tasks that have not ended, and for unconfirmed ones."""
    actual: Decimal | None
    """Taken by the provider for tasks that have ended, as it said."""
    estimated: Decimal | None
    """For tasks that have ended without the provider saying what it took."""
    quantities: Mapping[str, Decimal] = field(factory=dict)
    """What they make, as far as it is known: by unit."""


@frozen(kw_only=True)
class CapLine:
    """What is held of one cap."""

    cap: Cap
    reserved: Decimal | None
    """None for a cap on each task, and where a rate is lacking."""
    spent: Decimal | None
    left: Decimal | None


@frozen(kw_only=True)
class Overrun:
    """A task that turned out dearer than its own cap after the provider had taken it."""

    task_id: str
    operation: str
    cost: Amount
    cap: str


@frozen(kw_only=True)
class Spend:
    """What `taskferry spend` shows."""

    lines: Sequence[SpendLine]
    """Newest day first."""
    caps: Sequence[CapLine]
    overruns: Sequence[Overrun] = ()


@frozen(kw_only=True)
class TaskCost:
    """One task beside the cap that it was given."""

    task_id: str
    operation: str
    provider: str
    cost: Amount
    max_cost: str | None = None


def report(
    held: Sequence[Held], tasks: Sequence[TaskCost], caps: Caps, *, today: str, since: str, provider: str | None = None
) -> Spend:
    """Add up what tasks hold; days before `since` and other providers count towards caps alone."""
    shown = [one for one in held if one.day >= since and provider in (None, one.provider)]
    keys = sorted({(one.day, one.provider, one.unit or "") for one in shown}, key=_newest_first)
    return Spend(
        lines=[_line([one for one in shown if (one.day, one.provider, one.unit or "") == key]) for key in keys],
        caps=[_cap_line(cap, held, caps, today) for cap in caps.caps if provider in (None, cap.provider or provider)],
        overruns=[found for task in tasks if provider in (None, task.provider) for found in overruns(task, caps)],
    )


def _newest_first(key: tuple[str, str, str]) -> tuple[int, str, str]:
    return -int(key[0].replace("-", "")), key[1], key[2]


def _line(held: Sequence[Held]) -> SpendLine:
    first = held[0]
    known = first.unit is not None
    quantities = {
        unit: total(EXACT.multiply(one.measured(unit) or Decimal(0), Decimal(one.tasks)) for one in held)
        for unit in [*dict.fromkeys(one.quantity_unit for one in held if one.quantity_unit), SECONDS]
    }
    return SpendLine(
        day=first.day,
        provider=first.provider,
        unit=first.unit,
        tasks=sum(one.tasks for one in held),
        reserved=_amount(one for one in held if not one.settled) if known else None,
        actual=_amount(one for one in held if one.settled and one.told) if known else None,
        estimated=_amount(one for one in held if one.settled and not one.told) if known else None,
        quantities={unit: value for unit, value in quantities.items() if value},
    )


def _amount(held: Iterable[Held]) -> Decimal:
    return total(EXACT.multiply(one.amount or Decimal(0), Decimal(one.tasks)) for one in held)


def _cap_line(cap: Cap, held: Sequence[Held], caps: Caps, today: str) -> CapLine:
    ours = [one for one in held if cap.provider in (None, one.provider)]
    if cap.span is Span.DAY:
        ours = [one for one in ours if one.day == today]
    if cap.span is Span.TASK or uncounted(ours, cap.limit.unit, caps):
        return CapLine(cap=cap, reserved=None, spent=None, left=None)
    spent, reserved = spent_and_reserved(ours, cap.limit.unit, caps)
    left = EXACT.subtract(cap.limit.value, EXACT.add(spent, reserved))
    return CapLine(cap=cap, reserved=reserved, spent=spent, left=max(left, Decimal(0)))


def overruns(task: TaskCost, caps: Caps) -> list[Overrun]:
    """Find the first cap on one task that a task turned out to exceed."""
    given = caps.with_task_caps(task.max_cost, "max_cost")
    for cap in given.of(task.provider):
        if cap.span is Span.TASK and not cap.counts:
            cost = given.converted(task.cost.value, task.cost.unit, cap.limit.unit, task.provider)
            if cost is not None and cost > cap.limit.value:
                return [Overrun(task_id=task.task_id, operation=task.operation, cost=task.cost, cap=str(cap))]
    return []
