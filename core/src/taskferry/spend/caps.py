"""Caps on what may be spent or made, and the rates at which one unit counts as another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from enum import StrEnum

from attrs import evolve, field, frozen

from taskferry.cost import Amount
from taskferry.spend.quantity import QUANTITY_UNITS

EXACT = Context(prec=120)
"""Arithmetic that never rounds an amount."""


class Span(StrEnum):
    """What a cap holds for."""

    TASK = "task"
    """Each task alone."""
    DAY = "day"
    """All tasks that were asked for on one day, in UTC, which is the same day for every process."""
    TOTAL = "total"
    """All tasks of the ledger."""


_WORDS = {Span.TASK: "a task", Span.DAY: "a day", Span.TOTAL: "in all"}


@frozen(kw_only=True)
class Cap:
    """The most that may be spent or made."""

    span: Span
    limit: Amount
    """Money, credits, or a quantity such as `10 videos`."""
    provider: str | None = None
    """The one provider it is for; None for all together."""
    source: str
    """Where it was set."""

    @property
    def counts(self) -> bool:
        """Tell whether it is about a quantity instead of money."""
        return self.limit.unit in QUANTITY_UNITS

    def __str__(self) -> str:
        at = f" at {self.provider}" if self.provider else ""
        return f"{said(self.limit)} {_WORDS[self.span]}{at}"


@frozen(kw_only=True)
class Caps:
    """Every cap that holds, and what goes with them."""

    caps: tuple[Cap, ...] = ()
    rates: Mapping[tuple[str, str], Amount] = field(factory=dict)
    """What one of a provider's units is worth in another unit; an empty provider stands for all."""
    allow_unpriced: bool = False
    """Whether jobs of unknown price or length go on although a cap holds for them."""

    def of(self, provider: str) -> tuple[Cap, ...]:
        """Give the caps that hold for jobs of a provider."""
        return tuple(cap for cap in self.caps if cap.provider in (None, provider))

    def with_task_caps(self, text: str | None, source: str) -> Caps:
        """Add caps on one task, if there are any, as `2 USD` or `2 USD, 40 credits`; all of them hold."""
        if text is None:
            return self
        limits = [Amount.parse(part) for part in text.split(",")]
        return evolve(self, caps=(*(Cap(span=Span.TASK, limit=limit, source=source) for limit in limits), *self.caps))

    def converted(self, value: Decimal, unit: str, into: str, provider: str) -> Decimal | None:
        """Count a provider's amount in another unit; None where the user gave no rate, unless it is nothing."""
        if unit == into or not value:
            return value
        rate = self.rates.get((provider, unit)) or self.rates.get(("", unit))
        return EXACT.multiply(value, rate.value) if rate is not None and rate.unit == into else None


def total(values: Iterable[Decimal]) -> Decimal:
    """Add up exactly."""
    result = Decimal(0)
    for value in values:
        result = EXACT.add(result, value)
    return result


def said(amount: Amount) -> str:
    """Write an amount or a quantity, one thing in the singular."""
    return str(amount).removesuffix("s") if amount.value == 1 and amount.unit in QUANTITY_UNITS else str(amount)
