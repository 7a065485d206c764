"""Decides whether a new job still fits under every cap; pure, so that the ledger can ask inside its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from taskferry.cost import Amount
from taskferry.errors import CostExceeded
from taskferry.spend.caps import EXACT, Cap, Caps, Span, said
from taskferry.spend.held import Held, spent_and_reserved, uncounted
from taskferry.spend.quantity import SECONDS, TIMED


def check(
    operation: str, asked: Held, caps: Caps, held: Sequence[Held] = (), *, spans: Sequence[Span] = tuple(Span)
) -> None:
    """Raise CostExceeded if a new job would, or might, go beyond a cap; `held` is what other tasks hold already."""
    for cap in caps.of(asked.provider):
        if cap.span in spans and _concerns(cap, asked):
            needed = _needed(operation, asked, cap, caps)
            if cap.span is Span.TASK:
                _check_alone(operation, cap, needed)
            else:
                _check_together(operation, cap, caps, needed, [other for other in held if _shares(cap, other, asked)])


def _concerns(cap: Cap, asked: Held) -> bool:
    """Tell whether a job makes what a cap counts; a cap in money is for every job."""
    if cap.limit.unit == SECONDS:
        return asked.quantity_unit in TIMED
    return not cap.counts or cap.limit.unit == asked.quantity_unit


def _needed(operation: str, asked: Held, cap: Cap, caps: Caps) -> Decimal | None:
    """Count the job in the cap's unit; None where that is unknown and allowed."""
    lacking = "known price" if asked.amount is None else ""
    if cap.counts and asked.measured(cap.limit.unit) is None:
        lacking = "known length"
    if lacking and not caps.allow_unpriced:
        raise CostExceeded(
            f"{operation} has no {lacking}, so it cannot be held to the cap of {cap} ({cap.source}): allow it with "
            "--allow-unpriced, in Python allow_unpriced=True. Nothing was sent."
        )
    if lacking == "known length" or (asked.amount is None and not cap.counts):
        return None
    needed = asked.counted(cap.limit.unit, caps)
    if needed is None:
        raise CostExceeded(
            f"{operation} is priced in {asked.unit} ({_price(asked)}), so the cap of {cap} ({cap.source}) has to be in "
            f"{asked.unit}, or {_rate_hint(asked, cap)}. Nothing was sent."
        )
    return needed


def _check_alone(operation: str, cap: Cap, needed: Decimal | None) -> None:
    if needed is not None and needed > cap.limit.value:
        raise CostExceeded(
            f"{operation} {_wants(cap, needed)}, more than the cap of {cap} ({cap.source}). Nothing was sent."
        )


def _check_together(operation: str, cap: Cap, caps: Caps, needed: Decimal | None, others: Sequence[Held]) -> None:
    if needed == 0:
        return
    unit, limit = cap.limit.unit, cap.limit.value
    other = uncounted(others, unit, caps)
    if other is not None:
        raise CostExceeded(
            f"{operation} was not sent: tasks that count towards the cap of {cap} ({cap.source}) are priced in "
            f"{other.unit}, so {_rate_hint(other, cap)}."
        )
    spent, reserved = spent_and_reserved(others, unit, caps)
    taken = EXACT.add(spent, reserved)
    sum_ = EXACT.add(taken, needed or Decimal(0))
    if sum_ > limit or (needed is None and taken >= limit):
        wants = _wants(cap, needed) if needed is not None else "has no known price or length"
        come = f", so it would come to {_said(sum_, unit)}" if needed is not None else ""
        raise CostExceeded(
            f"{operation} was not sent: it {wants}, and of the cap of {cap} ({cap.source}) {_said(spent, unit)} are "
            f"spent and {_said(reserved, unit)} are reserved for tasks that have not ended{come}."
        )


def _shares(cap: Cap, other: Held, asked: Held) -> bool:
    same_day = cap.span is Span.TOTAL or other.day == asked.day
    return same_day and cap.provider in (None, other.provider)


def _wants(cap: Cap, needed: Decimal) -> str:
    return f"{'makes' if cap.counts else 'costs'} {_said(needed, cap.limit.unit)}"


def _said(value: Decimal, unit: str) -> str:
    return said(Amount(value=value, unit=unit))


def _price(held: Held) -> str:
    return "" if held.amount is None or held.unit is None else _said(held.amount, held.unit)


def _rate_hint(held: Held, cap: Cap) -> str:
    return f'config.toml has to say what that is worth: [rates.{held.provider}] {held.unit} = "... {cap.limit.unit}"'
